/**
 * PULL: receives fair-queued (RFC 30).
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behavior of a PULL socket. */
export class PullPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #in = new FairQueue();

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  tryReceive(): Message | undefined {
    return this.#in.receive();
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}
