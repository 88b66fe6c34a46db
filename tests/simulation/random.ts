/**
 * Random numbers that a seed decides: the same on every runtime, because only integer arithmetic is used.
 *
 * @module
 */

/** A stream of random numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
    // Neighboring seeds must not begin alike.
    for (let i = 0; i < 3; i++) this.next();
  }

  /** A stream of its own for one purpose, so that a draw more in one part of a scenario does not change the others. */
  static of(seed: number, ...purpose: readonly (string | number)[]): Random {
    let hash = seed | 0;
    for (const char of purpose.join("/")) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) + 0x9e37 | 0;
    return new Random(hash);
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let t = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 0x1_0000_0000;
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
