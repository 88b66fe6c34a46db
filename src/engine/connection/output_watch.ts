/**
 * Whether the bytes of a connection move, as a sign of life of a peer that has nothing to say while it is read to.
 *
 * Only a write that had to wait says something of the peer: the operating system's buffer takes the first bytes of any.
 *
 * @module
 */

import type { Link } from "../../transport/transport.ts";
import type { Output } from "../../zmtp/heartbeat.ts";

/** Looks at one link from time to time. */
export class OutputWatch {
  /** How often the link drained, for those that do not count bytes. */
  drains = 0;
  #taken = 0;
  /** A write was waiting at the last look. */
  #waited = false;

  /** What became of the bytes to send since the last look. `blocked`: a write waits. */
  look(link: Link, blocked: boolean): Output {
    const taken = link.bytesTaken ?? this.drains;
    const moved = this.#waited && taken !== this.#taken;
    this.#taken = taken;
    this.#waited = blocked;
    if (moved) return "moving";
    return blocked ? "stuck" : "free";
  }
}
