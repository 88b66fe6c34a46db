/**
 * Received messages of disconnected peers: closed pipes that still hold messages, and their memory.
 *
 * @module
 */

import type { PeerPipe } from "./pipe.ts";

/** The memory of a closed pipe besides its messages. */
const PIPE_COST = 2048;

/** The closed pipes of one socket that hold messages. */
export class Leftovers {
  /** The size that each message of a pipe counts as. */
  readonly #pipes = new Map<PeerPipe, number>();
  #bytes = 0;

  /** The approximate memory that they use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of messages that wait in them to be received. */
  get held(): number {
    let held = 0;
    for (const [pipe] of this.#pipes) held += pipe.inbox.length;
    return held;
  }

  /** Keeps a pipe that has just been closed until its messages are received. */
  keep(pipe: PeerPipe): void {
    const held = pipe.inbox.length;
    if (held === 0) return;
    // Per message, because several may share memory.
    const share = (PIPE_COST + pipe.inbox.memory()) / held;
    this.#pipes.set(pipe, share);
    this.#bytes += share * held;
    pipe.inbox.leave(() => {
      this.#bytes -= share;
      if (!pipe.readable) this.#pipes.delete(pipe);
      // Rounded numbers do not add up.
      if (this.#pipes.size === 0) this.#bytes = 0;
    });
  }

  /** A closed pipe holds one message more. */
  keepMore(pipe: PeerPipe): void {
    const share = this.#pipes.get(pipe);
    if (share === undefined) this.keep(pipe);
    else this.#bytes += share;
  }

  /** Drops all: the socket is closed. */
  forget(): void {
    for (const [pipe] of this.#pipes) pipe.forget();
    this.#pipes.clear();
    this.#bytes = 0;
  }
}
