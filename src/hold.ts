/**
 * Keeping the process alive while a link is paused: a paused socket alone does not, on Node and Deno.
 *
 * @module
 */

import { LONGEST_TIMER, systemClock, type Timer } from "./clock.ts";

/** Keeps the process alive while held. */
export class Hold {
  #timer: Timer | undefined;
  readonly #again = (): void => {
    this.#timer = systemClock.timer(LONGEST_TIMER, this.#again);
  };

  /** Holds. Idempotent. */
  hold(): void {
    if (this.#timer === undefined) this.#again();
  }

  /** Lets go. Idempotent. */
  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
