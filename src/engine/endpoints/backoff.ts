/**
 * The interval before the next attempt to connect. Pure: the caller keeps the time.
 *
 * @module
 */

import { LONGEST_TIMER } from "../../base/clock.ts";

/** Maximum interval, in ms, for a peer that refuses repeatedly. */
export const SLOWEST = 60_000;

/** Growing, jittered intervals. */
export class Backoff {
  readonly #interval: number;
  readonly #max: number;
  readonly #random: () => number;
  #current: number;

  /**
   * @param interval First interval, in ms.
   * @param max Longest interval, in ms, to which the interval is doubled; 0 keeps the first one.
   * @param random A number from 0 up to 1.
   */
  constructor(interval: number, max: number, random: () => number) {
    this.#interval = interval;
    this.#max = max;
    this.#random = random;
    this.#current = interval;
  }

  /**
   * Returns the next interval, in ms, with jitter, so that the clients of one server do not reconnect at the same time.
   */
  next(): number {
    if (this.#max <= this.#interval) {
      return Math.min(LONGEST_TIMER, this.#interval * (1 + this.#random()));
    }
    const current = this.#current;
    this.#current = Math.min(this.#max, current * 2);
    return current * (0.5 + 0.5 * this.#random());
  }

  /**
   * Returns the interval, in ms, for a peer that will probably fail again: the longest, or ten times the first.
   *
   * @param times The number of such attempts in a row that failed after a handshake, which costs both sides more: each doubles the
   * interval, up to a minute.
   */
  slow(times = 0): number {
    const first = Math.max(this.#max, 10 * this.#interval);
    const interval = Math.max(first, Math.min(SLOWEST, first * 2 ** times));
    return Math.min(LONGEST_TIMER, interval * (0.5 + 0.5 * this.#random()));
  }

  /** Returns a back-off with these intervals: this one if they are equal. */
  with(interval: number, max: number): Backoff {
    return interval === this.#interval && max === this.#max ? this : new Backoff(interval, max, this.#random);
  }

  /** After a successful handshake: starts again at the first interval. */
  reset(): void {
    this.#current = this.#interval;
  }
}
