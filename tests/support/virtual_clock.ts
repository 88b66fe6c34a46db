/**
 * A clock that the test controls: time moves when the test advances it, turns come when they are awaited, and
 * randomness follows from a seed.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../src/base/clock.ts";
import { mulberry32 } from "./mulberry32.ts";

interface Waiting {
  readonly due: number;
  readonly callback: () => void;
}

/** Time, turns and chance for the sockets of a context (`contextOn` of `src/engine/context.ts`). */
export class VirtualClock implements Clock {
  readonly random: () => number;
  #now = 0;
  /** In the order in which they were started. */
  readonly #timers = new Set<Waiting>();
  #turns: (() => void)[] = [];

  constructor(seed = 1) {
    this.random = mulberry32(seed);
  }

  readonly now = (): number => this.#now;

  timer(ms: number, callback: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer), ref() {}, unref() {} };
  }

  turn(callback: () => void): void {
    this.#turns.push(callback);
  }

  /** The number of pending timers. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; `Infinity` if there is none. */
  get next(): number {
    return Math.min(Infinity, ...[...this.#timers].map(({ due }) => due));
  }

  /** Runs all turns, and what follows from them, until nothing is left to do without time. */
  async settle(): Promise<void> {
    do {
      const turns = this.#turns;
      this.#turns = [];
      for (const turn of turns) turn();
      // A real turn, behind which all promises are done.
      await new Promise<void>((resolve) => systemClock.turn(resolve));
    } while (this.#turns.length > 0);
  }

  /** Advances the time by this much, from timer to timer. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    while (this.next <= until) {
      this.#now = Math.max(this.#now, this.next);
      for (const timer of [...this.#timers]) {
        if (timer.due <= this.#now && this.#timers.delete(timer)) timer.callback();
      }
      await this.settle();
    }
    this.#now = until;
  }
}
