/**
 * The reading budget per turn of the event loop. A peer that never stops sending would starve timers and all other connections
 * wherever no queue limits it: commands, messages that are dropped as they arrive, frames of an incomplete message; on Deno
 * forever, because a read of bytes that have arrived settles in a microtask.
 *
 * All reading costs credit, which all connections share. When it is used up, the reading connection asks for more, and gets it until
 * its slice, or the share of reading in this turn, is over. Then it waits in line for one of the next turns.
 *
 * | Event           | IDLE    | READING | AWAITED | OVER    |
 * | --------------- | ------- | ------- | ------- | ------- |
 * | little          | READING | -       | -       | -       |
 * | slice used up   | AWAITED | AWAITED | -       | -       |
 * | turn used up    | AWAITED | AWAITED | OVER    | -       |
 * | turn            |         |         | IDLE    | IDLE    |
 * | turn, with line |         |         | -       | AWAITED |
 * | leave           | -       | -       | -       | -       |
 *
 * The first three are `mayRead`, by what was read since the last one. It returns `false`, which puts the reader in line, in OVER, and in
 * AWAITED if its slice or the turn is used up. In IDLE and READING the end of the turn is not awaited: the first that uses up its slice begins to wait for it, and
 * continues, because turns may have passed since it began. `turn`: that end has come, no reader is in line; with a line its readers
 * continue. `-` changes nothing; an empty cell cannot happen, as no end is awaited. `tests/engine/connection/reading_states_test.ts` walks the table.
 *
 * More than 20 members because credit, slices and the line of readers are one account for all connections.
 *
 * @module
 */

import { type Clock, perClock } from "../../base/clock.ts";
import type { ReadCredit } from "../../zmtp/session_handler.ts";

/** Credit between two checks of the clock. */
const LOOK = 1024;
/** Maximum credit of a slice, regardless of the clock. */
const SLICE_MOST = 16_384;
/** Time of a slice, in ms. */
const SLICE_MS = 2;
/** Time of all reading in a turn, in ms. */
const TURN_MS = 8;
/** Credit of a slice, and of a turn, before time counts: a busy machine must not delay peers that send little. */
const SLICE_LEAST = 4096;
const TURN_LEAST = 32_768;
/** Time in a turn for readers that have waited in line, in ms: data that has just arrived gets its share, too. */
const LINE_MS = 4;

/** Time between two polls of the runtime's sockets where a turn alone does not poll them, in ms. */
const POLL_MS = 4;
/** The same for loops that never wait, which honest traffic has as well: a poll costs 0.16 ms of CPU time. */
const LOOP_POLL_MS = 8;

/** A connection that reads. */
export interface Reader {
  /** Called when it is its turn again. */
  readOn(): void;
  /** Calls back when the runtime has polled its sockets; `false` where every turn of the event loop does that. */
  poll(callback: () => void): boolean;
}

/** The turns of all connections of an event loop. */
export class ReadTurns {
  readonly credit: ReadCredit = { left: LOOK };
  readonly #clock: Pick<Clock, "now" | "turn">;
  readonly #line = new Set<Reader>();
  /** Readers that can make the runtime poll its sockets. */
  readonly #pollers = new Set<Reader>();
  /** The reader whose slice it is. */
  #reader: Reader | undefined;
  #sliceEnd = 0;
  #sliceUsed = 0;
  /** The time at which reading has used its share of the turn. */
  #turnEnd = 0;
  #turnUsed = 0;
  /** True while the end of the turn is awaited: only if there is a reason, because it has a cost. */
  #awaited = false;
  #over = false;
  #polledAt = -Infinity;
  readonly #onTurn = () => this.#next();

  constructor(clock: Pick<Clock, "now" | "turn">) {
    this.#clock = clock;
  }

  /** Adds a reader that can make the runtime poll its sockets, until `leave`. */
  join(reader: Reader): void {
    this.#pollers.add(reader);
  }

  /** A reader has ended, or has nothing left to do: it loses its place in line. */
  leave(reader: Reader): void {
    this.#pollers.delete(reader);
    this.#line.delete(reader);
  }

  /**
   * Calls back in another turn of the event loop: for work that never stops by itself, such as a loop of awaits that never waits.
   * The runtime polls its sockets meanwhile, at least every few ms.
   */
  later(callback: () => void): void {
    if (this.#pollers.size === 0 || !this.#looks(this.#pollers, this.#clock.now(), LOOP_POLL_MS, callback)) {
      this.#clock.turn(callback);
    }
  }

  /** The credit is used up: `true` gives more, `false` puts the reader in line. */
  mayRead(reader: Reader): boolean {
    if (!this.#over && this.#goesOn(reader, this.#clock.now())) {
      this.credit.left = LOOK;
      return true;
    }
    this.credit.left = 0;
    this.#line.add(reader);
    return false;
  }

  #goesOn(reader: Reader, now: number): boolean {
    if (this.#reader === undefined) this.#startTurn(now);
    if (this.#reader !== reader) this.#startSlice(reader, now);
    const used = LOOK - this.credit.left;
    this.#sliceUsed += used;
    this.#turnUsed += used;
    const turnOver = this.#turnUsed > TURN_LEAST && now >= this.#turnEnd;
    const sliceOver = this.#sliceUsed > SLICE_MOST || (this.#sliceUsed > SLICE_LEAST && now >= this.#sliceEnd);
    if (!turnOver && !sliceOver) return true;
    if (this.#awaited) {
      this.#over = turnOver;
      return false;
    }
    // Turns may have passed since the reading began.
    this.#await(now);
    this.#startSlice(reader, now);
    return true;
  }

  #startTurn(now: number): void {
    this.#turnEnd = now + TURN_MS;
    this.#turnUsed = 0;
  }

  #startSlice(reader: Reader, now: number): void {
    this.#reader = reader;
    this.#sliceEnd = now + SLICE_MS;
    this.#sliceUsed = 0;
  }

  #await(now: number): void {
    this.#awaited = true;
    this.#startTurn(now);
    this.#clock.turn(this.#onTurn);
  }

  #next(): void {
    this.#awaited = this.#over = false;
    this.#reader = undefined;
    if (this.#line.size === 0) return;
    const now = this.#clock.now();
    if (this.#polls(now)) return;
    this.#await(now);
    let left = this.#line.size;
    for (const reader of this.#line) {
      this.#line.delete(reader);
      this.#startSlice(reader, this.#clock.now());
      reader.readOn();
      if (--left === 0 || this.#clock.now() >= now + LINE_MS) return;
    }
  }

  /**
   * True if the runtime polls its sockets before the line continues. It does so only when it has nothing else to do.
   */
  #polls(now: number): boolean {
    if (!this.#looks(this.#line, now, POLL_MS, this.#onTurn)) return false;
    this.#awaited = true;
    this.#startTurn(now);
    return true;
  }

  /** Makes the runtime poll its sockets, through one of these readers, unless it did so recently. */
  #looks(readers: ReadonlySet<Reader>, now: number, after: number, callback: () => void): boolean {
    if (now < this.#polledAt + after) return false;
    for (const reader of readers) {
      if (!reader.poll(callback)) continue;
      this.#polledAt = now;
      return true;
    }
    return false;
  }
}

/** Returns the turns of all connections on a clock. */
export const readTurnsOf: (clock: Clock) => ReadTurns = perClock((clock) => new ReadTurns(clock));
