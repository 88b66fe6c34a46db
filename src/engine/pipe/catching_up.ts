/**
 * Limits the queues of a program that receives as fast as it can and is behind its peers: a loop of receives yields to the rest of the
 * program after `AT_ONCE` messages, and more may be read in that turn. So reading has a limit of its own then, also without a
 * high-water mark; a program that does not receive is limited by its high-water marks alone.
 *
 * | Event        | IDLE    | LIMITED | DROPPED |
 * | ------------ | ------- | ------- | ------- |
 * | behind       | LIMITED | -       | -       |
 * | look         |         | IDLE    |         |
 * | look, behind |         | -       |         |
 * | drop         | DROPPED | DROPPED | -       |
 *
 * `-` changes nothing; an empty cell cannot happen: `look` comes every 100 ms in LIMITED, and there is no timer in other states. `tests/engine/pipe/catching_up_test.ts` walks the
 * table.
 *
 * @module
 */

import type { Clock, Timer } from "../../base/clock.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";

/** Maximum number of messages held from all peers together while the program is behind. */
export const BEHIND_IN_ALL = 65_536;
/** This many may always be held from one peer: the default of `receiveHighWaterMark`. */
const BEHIND_EACH = 1000;
/** The interval, in ms, after which the limit is lifted if the program is no longer behind. */
const LOOK_EVERY = 100;

/** The pipes that the limit is for. */
export interface BehindHost {
  /** The number of connected peers. */
  readonly peers: number;
  /** The high-water marks of all pipes were changed. */
  marksChanged(): void;
}

/** The limit of one socket. */
export class CatchingUp {
  readonly #marks: HighWaterMarks;
  readonly #host: BehindHost;
  readonly #clock: Clock;
  /**
   * True if the program was behind since the last check. Not a time: under load a turn may take longer than any
   * interval.
   */
  #behind = false;
  /** The program waits for its next turn, which comes late where the runtime has much to do. */
  #waiting = false;
  /** The limit applies while this timer runs. */
  #timer: Timer | undefined;
  #dropped = false;

  constructor(marks: HighWaterMarks, host: BehindHost, clock: Clock) {
    this.#marks = marks;
    this.#host = host;
    this.#clock = clock;
  }

  /** The program has received the maximum of a turn, and waits for the next one. */
  behind(): void {
    this.#behind = this.#waiting = true;
    if (this.#timer === undefined && !this.#dropped && this.#marks.receiveMessages > BEHIND_EACH) this.#limit();
  }

  /** The program has its next turn. */
  goesOn(): void {
    this.#waiting = false;
  }

  /** Ends now: the socket is closed. */
  drop(): void {
    this.#timer?.cancel();
    this.#dropped = true;
  }

  #limit(): void {
    this.#behind = false;
    this.#marks.limitReceived(Math.max(BEHIND_EACH, Math.ceil(BEHIND_IN_ALL / Math.max(1, this.#host.peers))));
    this.#timer = this.#clock.timer(LOOK_EVERY, () => this.#look());
    this.#timer.unref();
  }

  #look(): void {
    if (this.#behind || this.#waiting) return this.#limit();
    this.#timer = undefined;
    this.#marks.limitReceived(Infinity);
    this.#host.marksChanged();
  }
}
