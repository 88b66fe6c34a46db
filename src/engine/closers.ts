/**
 * Who is told that a socket is closed, without a wait: a wait would keep the process alive.
 *
 * @module
 */

import { microtask } from "../base/clock.ts";

/** Those who want to know that one socket is closed. */
export class Closers {
  readonly #acts = new Set<() => void>();
  #closed = false;

  /**
   * Calls `act`, which must not throw, soon after the socket is closed.
   *
   * @returns Takes that back.
   */
  add(act: () => void): () => void {
    this.#acts.add(act);
    if (this.#closed) this.tell();
    return () => void this.#acts.delete(act);
  }

  /** The socket is closed. */
  tell(): void {
    this.#closed = true;
    microtask(() => {
      for (const act of this.#acts) act();
      this.#acts.clear();
    });
  }
}
