/**
 * What bounds the queues of a program that receives as fast as it can and is behind its peers: a loop of receives makes way
 * for the rest of the program after `AT_ONCE` messages, and what is read in that turn may be more. So reading has a limit of
 * its own then, also under marks that have none; a program that does not receive gets what its marks say.
 *
 * @module
 */

import type { Clock, Timer } from "../../base/clock.ts";
import type { HighWaterMarks } from "./high_water_marks.ts";

/** Most messages held from all peers together while the program is behind. */
export const BEHIND_IN_ALL = 65_536;
/** As many may be held from one peer in any case: the default of `receiveHighWaterMark`. */
const BEHIND_EACH = 1000;
/** How often it is looked whether the program is still behind, in ms; if not the limit is lifted. */
const LOOK_EVERY = 100;

/** The pipes that the limit is for. */
export interface BehindHost {
  /** How many peers are connected. */
  readonly peers: number;
  /** The marks of all pipes were changed. */
  marksChanged(): void;
}

/** The limit of one socket. */
export class CatchingUp {
  readonly #marks: HighWaterMarks;
  readonly #host: BehindHost;
  readonly #clock: Clock;
  /** Since it was looked last. Not a time: under load one turn may take longer than any. */
  #behind = false;
  /** The program waits for its next turn, which comes late where the runtime has much to do. */
  #waiting = false;
  /** There is a limit while it runs. */
  #timer: Timer | undefined;

  constructor(marks: HighWaterMarks, host: BehindHost, clock: Clock) {
    this.#marks = marks;
    this.#host = host;
    this.#clock = clock;
  }

  /** The program has received all that it may in a turn, and waits for the next. */
  behind(): void {
    this.#behind = this.#waiting = true;
    if (this.#timer === undefined && this.#marks.receiveMessages > BEHIND_EACH) this.#limit();
  }

  /** The program has its next turn. */
  goesOn(): void {
    this.#waiting = false;
  }

  /** Ends now: the socket is closed. */
  drop(): void {
    this.#timer?.cancel();
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
