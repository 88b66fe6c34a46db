/**
 * Measures how late a timer fires, which is the delay of everything else in the process, too.
 *
 * @module
 */

import { quantile } from "../stats.ts";

const EVERY = 10;

/** A timer of 10 ms that is set again whenever it fires. */
export class LagMeter {
  #late: number[] = [];

  constructor() {
    this.#next();
  }

  /** Starts a new measurement. */
  reset(): void {
    this.#late = [];
  }

  /** In ms since the last `reset`. */
  figures(): { lagP99: number; lagMax: number } {
    const sorted = this.#late.sort((a, b) => a - b);
    return { lagP99: quantile(sorted, 0.99), lagMax: sorted.at(-1) ?? NaN };
  }

  #next(): void {
    const due = performance.now() + EVERY;
    setTimeout(() => {
      this.#late.push(Math.max(0, performance.now() - due));
      this.#next();
    }, EVERY);
  }
}
