/**
 * The choices of a scenario, which its seed decides.
 *
 * @module
 */

import { mulberry32 } from "../support/mulberry32.ts";

/** A stream of random numbers. */
export class Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = mulberry32(seed);
    // Neighboring seeds must not begin alike.
    for (let i = 0; i < 3; i++) this.next();
  }

  /** A stream of its own for one purpose, so that a draw more in one part of a scenario does not change the others. */
  static of(seed: number, ...purpose: readonly (string | number)[]): Random {
    let hash = seed | 0;
    for (const char of purpose.join("/")) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) + 0x9e37 | 0;
    return new Random(hash);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of these. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.whole(0, choices.length - 1)]!;
  }
}
