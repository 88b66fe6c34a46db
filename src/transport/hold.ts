/**
 * Keeps the process alive while a link is paused: on Node and Deno a paused socket alone does not.
 *
 * @module
 */

import { LONGEST_TIMER, systemClock, type Timer } from "../base/clock.ts";

/** Starts a timer that does not keep the process alive. */
export function idleTimer(ms: number, callback: () => void): Timer {
  const timer = systemClock.timer(ms, callback);
  timer.unref();
  return timer;
}

/** Keeps the process alive between `hold` and `release`. */
export class Hold {
  #timer: Timer | undefined;
  #refed = true;
  readonly #again = (): void => {
    this.#timer = systemClock.timer(LONGEST_TIMER, this.#again);
    if (!this.#refed) this.#timer.unref();
  };

  /** Starts to keep the process alive. Idempotent. */
  hold(): void {
    if (this.#timer === undefined) this.#again();
  }

  /** Undoes `unref`. */
  ref(): void {
    this.#refed = true;
    this.#timer?.ref();
  }

  /** Lets the process exit even between `hold` and `release`. */
  unref(): void {
    this.#refed = false;
    this.#timer?.unref();
  }

  /** Stops keeping the process alive. Idempotent. */
  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
