/**
 * PAIR: one peer at a time, in both directions; a second peer is rejected (RFC 31).
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

/** The behavior of a PAIR socket. */
export class PairPattern implements Pattern {
  readonly queuesAhead = true;
  readonly #in = new FairQueue();
  #pipe: Pipe | undefined;

  attach(pipe: Pipe): ZmqError | undefined {
    if (this.#pipe !== undefined) {
      return new ZmqError(
        "EADDRINUSE",
        "Cannot accept another peer on Pair: it has one peer at a time and is connected already",
      );
    }
    this.#pipe = pipe;
    return undefined;
  }

  detach(pipe: Pipe): void {
    if (this.#pipe === pipe) this.#pipe = undefined;
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  trySend(message: Message): boolean {
    return this.#pipe !== undefined && this.#pipe.trySend(message);
  }

  canSend(): boolean {
    return this.#pipe !== undefined && this.#pipe.writable;
  }

  tryReceive(): Message | undefined {
    return this.#in.receive();
  }

  canReceive(): boolean {
    return this.#in.readable;
  }
}
