/**
 * The turns in which the sockets of an event loop take incoming links: a few per turn, in rotation.
 *
 * | Event           | IDLE | OPEN | FULL | LINE |
 * | --------------- | ---- | ---- | ---- | ---- |
 * | asks            | OPEN | -    | LINE | -    |
 * | all ask         | FULL | LINE | LINE | -    |
 * | turn            |      | IDLE | IDLE | OPEN |
 * | turn, many wait |      |      |      | LINE |
 *
 * `-` stays in the state; an empty cell cannot happen. IDLE: nothing was taken in this turn. OPEN: more may be taken. FULL: as many
 * were taken as a turn allows, and the next socket that asks waits (LINE). `all ask` is for as many links as a turn allows. A turn takes the
 * first of the line; with as many waiting as it allows, the rest stay in line. `tests/engine/entrance_states_test.ts` walks the table.
 *
 * @module
 */

import { type Clock, perClock } from "../base/clock.ts";

/** Takes links when it is its turn. */
export interface TurnTaker {
  /** The number of links that wait. */
  readonly waiting: number;
  /** Takes the first of them. */
  takeOne(): void;
}

/** Maximum links taken per turn: as many as Node and Deno accept. */
const PER_TURN = 16;

/** The turns of all sockets of an event loop. */
export class EntranceTurns {
  readonly #clock: Pick<Clock, "turn">;
  readonly #line = new Set<TurnTaker>();
  /** The number of links that may still be taken in this turn. */
  #left = PER_TURN;
  #awaited = false;
  readonly #onTurn = () => this.#next();

  constructor(clock: Pick<Clock, "turn">) {
    this.#clock = clock;
  }

  /** True if a link may be taken now; if not, `takeOne` is called in one of the next turns. */
  may(entrance: TurnTaker): boolean {
    if (!this.#awaited) this.#await();
    if (this.#line.size === 0 && this.#left > 0) {
      this.#left--;
      return true;
    }
    this.#line.add(entrance);
    return false;
  }

  #await(): void {
    this.#left = PER_TURN;
    this.#awaited = true;
    this.#clock.turn(this.#onTurn);
  }

  #next(): void {
    this.#awaited = false;
    if (this.#line.size === 0) return;
    this.#await();
    for (const entrance of this.#line) {
      this.#line.delete(entrance);
      // At the end of the line, so that all others come first.
      if (entrance.waiting > 1) this.#line.add(entrance);
      this.#left--;
      entrance.takeOne();
      if (this.#left === 0) return;
    }
  }
}

/** Returns the turns of all sockets on a clock. */
export const entranceTurnsOf: (clock: Clock) => EntranceTurns = perClock((clock) => new EntranceTurns(clock));
