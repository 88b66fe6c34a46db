/**
 * What peers that are gone have left to be received: closed pipes that still hold messages, and the memory of those.
 *
 * @module
 */

import type { PeerPipe } from "./pipe.ts";

/** What a closed pipe takes in memory besides its messages. */
const PIPE_COST = 2048;

/** The closed pipes of one socket that hold messages. */
export class Leftovers {
  /** With what each message of a pipe counts. */
  readonly #pipes = new Map<PeerPipe, number>();
  #bytes = 0;

  /** About how much memory they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many messages wait in them to be received. */
  get held(): number {
    let held = 0;
    for (const [pipe] of this.#pipes) held += pipe.inbox.length;
    return held;
  }

  /** Keeps a pipe, which is closed just now, until what it holds is received. */
  keep(pipe: PeerPipe): void {
    const held = pipe.inbox.length;
    if (held === 0) return;
    // By the message: several may share memory.
    const share = (PIPE_COST + pipe.inbox.memory()) / held;
    this.#pipes.set(pipe, share);
    this.#bytes += share * held;
    pipe.inbox.leave(() => {
      this.#bytes -= share;
      if (!pipe.readable) this.#pipes.delete(pipe);
      // What was rounded does not add up.
      if (this.#pipes.size === 0) this.#bytes = 0;
    });
  }

  /** A closed pipe holds one message more. */
  keepMore(pipe: PeerPipe): void {
    const share = this.#pipes.get(pipe);
    if (share === undefined) this.keep(pipe);
    else this.#bytes += share;
  }

  /** Drops all: nobody can receive it any more. */
  forget(): void {
    for (const [pipe] of this.#pipes) pipe.forget();
    this.#pipes.clear();
    this.#bytes = 0;
  }
}
