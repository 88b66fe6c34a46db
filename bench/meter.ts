/**
 * Measures rates and latencies in the process of a benchmark, each after a warm-up.
 *
 * @module
 */

import type { Figures, Timing } from "./case.ts";
import { quantile } from "./stats.ts";

/** Messages between two readings of the clock, minus one; a mask. */
const CLOCK_MASK = 127;
const MAX_SAMPLES = 1 << 18;

type Window = Pick<Timing, "warmup" | "window">;

/** Counts messages per second at the receiver. */
export class RateMeter {
  readonly #timing: Window;
  #began = 0;
  #count = 0;
  #start = 0;
  #startCount = 0;
  /** Messages per second; 0 before the end of the window. */
  rate = 0;

  constructor(timing: Window) {
    this.#timing = timing;
  }

  /** Counts a message; returns true when the window is over. */
  add(): boolean {
    return (++this.#count & CLOCK_MASK) === 0 && this.#tick(performance.now());
  }

  #tick(now: number): boolean {
    // Starts with the first message, because the sender takes time to start.
    if (this.#began === 0) this.#began = now;
    if (this.#start === 0) {
      if (now - this.#began >= this.#timing.warmup) {
        this.#start = now;
        this.#startCount = this.#count;
      }
      return false;
    }
    const elapsed = now - this.#start;
    if (elapsed < this.#timing.window) return false;
    this.rate = (this.#count - this.#startCount) * 1000 / elapsed;
    return true;
  }
}

/** Collects the times of round trips. */
export class LatencyMeter {
  readonly #samples = new Float64Array(MAX_SAMPLES);
  readonly #from: number;
  readonly #until: number;
  #count = 0;
  #last: number;

  constructor({ warmup, window }: Window) {
    this.#last = performance.now();
    this.#from = this.#last + warmup;
    this.#until = this.#from + window;
  }

  /** Ends a round trip and starts the next; returns true when the window is over. */
  lap(): boolean {
    const now = performance.now();
    if (now >= this.#from && this.#count < MAX_SAMPLES) this.#samples[this.#count++] = now - this.#last;
    this.#last = now;
    return now >= this.#until;
  }

  /** Returns quantiles in µs. */
  figures(): Figures {
    const sorted = this.#samples.subarray(0, this.#count).sort();
    return { p50: 1000 * quantile(sorted, 0.5), p99: 1000 * quantile(sorted, 0.99) };
  }
}
