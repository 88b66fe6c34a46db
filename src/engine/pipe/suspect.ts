/**
 * A message in the middle of which peers close their connections, one after the other: it may be more than they accept, and
 * must not keep everything behind it waiting forever. A peer that refuses a message does so where it finds out, at the
 * same place each time, give or take what the buffers of the operating system hold. Peers that leave at other places (a
 * restart, a proxy with a time limit) refuse nothing.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";

/** The buffers of a connection whose reader has stopped hold less than this, in bytes. */
const BUFFERS = 8 * 1024 * 1024;

/** The suspect of one queue. */
export class Suspect {
  /** The number of peers in a row that have left in the middle of it, at about the same place. */
  cuts = 0;
  #message: Message | undefined;
  /** Bytes of it that were out the first of these times. */
  #at = 0;

  /** A peer left in the middle of this message, the first of the queue, of which `at` bytes were sent. */
  cut(message: Message | undefined, at: number): void {
    if (message === undefined) return this.clear();
    if (message === this.#message && Math.abs(at - this.#at) < BUFFERS) {
      this.cuts++;
      return;
    }
    this.cuts = 1;
    this.#message = message;
    this.#at = at;
  }

  /** The message went out, or its connections may have been lost for other reasons: the count starts again. */
  clear(): void {
    this.cuts = 0;
    this.#message = undefined;
  }
}
