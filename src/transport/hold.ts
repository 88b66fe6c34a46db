/**
 * Keeping the process alive while a link is paused: a paused socket alone does not, on Node and Deno.
 *
 * @module
 */

import { LONGEST_TIMER, systemClock, type Timer } from "../base/clock.ts";

/** A timer that keeps nothing alive: what it is for does, or need not. */
export function idleTimer(ms: number, callback: () => void): Timer {
  const timer = systemClock.timer(ms, callback);
  timer.unref();
  return timer;
}

/** Keeps the process alive while held. */
export class Hold {
  #timer: Timer | undefined;
  #refed = true;
  readonly #again = (): void => {
    this.#timer = systemClock.timer(LONGEST_TIMER, this.#again);
    if (!this.#refed) this.#timer.unref();
  };

  /** Holds. Idempotent. */
  hold(): void {
    if (this.#timer === undefined) this.#again();
  }

  /** Has it keep the process alive, as it does at first. */
  ref(): void {
    this.#refed = true;
    this.#timer?.ref();
  }

  /** Has it keep the process alive no longer, though it is held. */
  unref(): void {
    this.#refed = false;
    this.#timer?.unref();
  }

  /** Lets go. Idempotent. */
  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
