/**
 * Progress of the bytes to send, as a sign of life of a peer that sends nothing while it reads.
 *
 * Only the progress of a write that had to wait is a sign: the operating system's buffer takes the first bytes of any write.
 *
 * @module
 */

import type { Link } from "../../transport/transport.ts";
import type { Output } from "../../zmtp/heartbeat.ts";

/** Observes one link. */
export class OutputWatch {
  /** The number of drains, for links that do not count bytes. */
  drains = 0;
  #taken = 0;
  /** A write was waiting at the last look. */
  #waited = false;

  /** The progress of the bytes to send since the last look. `blocked`: a write waits. */
  look(link: Link, blocked: boolean): Output {
    const taken = link.bytesTaken ?? this.drains;
    const moved = this.#waited && taken !== this.#taken;
    this.#taken = taken;
    this.#waited = blocked;
    if (moved) return "moving";
    return blocked ? "stuck" : "free";
  }
}
