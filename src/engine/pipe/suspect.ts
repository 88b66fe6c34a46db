/**
 * A message in the middle of which peers close their connections, one after the other: it may be more than they accept, and
 * must not keep everything behind it waiting for ever.
 *
 * @module
 */

import type { Message } from "../../message.ts";

/** The suspect of one queue. */
export class Suspect {
  /** So many peers in a row have left in the middle of it. */
  cuts = 0;
  #message: Message | undefined;

  /** A peer left in the middle of this message, the first of the queue. */
  cut(message: Message | undefined): void {
    this.cuts = message === undefined ? 0 : message === this.#message ? this.cuts + 1 : 1;
    this.#message = message;
  }

  /** The message went out, or its connections may have been lost for other reasons: the count starts again. */
  clear(): void {
    this.cuts = 0;
    this.#message = undefined;
  }
}
