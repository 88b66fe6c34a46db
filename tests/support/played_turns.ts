/**
 * Turns of the event loop, and time, that pass when a test says so.
 *
 * @module
 */

import { ReadTurns } from "../../src/engine/connection/read_turns.ts";

/** The turns that connections take to read, of a played event loop. */
export class PlayedTurns {
  readonly turns: ReadTurns = new ReadTurns({
    now: () => this.time,
    turn: (callback) => this.later(callback),
  });
  /** In ms. */
  time = 0;
  readonly #callbacks: (() => void)[] = [];

  /** `true` if the end of the turn is awaited. */
  get awaited(): boolean {
    return this.#callbacks.length > 0;
  }

  /** Calls back when the turn is over. */
  later(callback: () => void): void {
    this.#callbacks.push(callback);
  }

  /** The turn is over. */
  next(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}
