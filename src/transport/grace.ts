/**
 * The time that a peer has to end its side after a link has sent its own end.
 *
 * @module
 */

import { type Clock, LONGEST_TIMER, type Timer } from "../base/clock.ts";

/** A deadline that begins to run when the end is sent, and that can be shortened at any time, never lengthened. */
export class Grace {
  readonly #over: () => void;
  readonly #clock: Clock;
  /** Before the end is sent: how long the peer will have, in ms. */
  #time = Infinity;
  /** After it: until when. */
  #until = Infinity;
  #running = false;
  #stopped = false;
  #timer: Timer | undefined;

  /** @param over Called once the time is over; at once if there is none left. */
  constructor(over: () => void, clock: Clock) {
    this.#over = over;
    this.#clock = clock;
  }

  /** Gives the peer no more than `time` ms, from the moment at which the end is sent, or from now if it is. */
  limit(time: number): void {
    if (this.#stopped) return;
    if (!this.#running) this.#time = Math.min(this.#time, time);
    else if (this.#clock.now() + time < this.#until) this.#wait(time);
  }

  /** The end is sent. */
  start(): void {
    this.#running = true;
    if (!this.#stopped) this.#wait(this.#time);
  }

  /** The wait is over. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wait(time: number): void {
    this.#timer?.cancel();
    this.#until = this.#clock.now() + time;
    if (time <= 0) return this.#over();
    // No limit is about 25 days. The open socket keeps the process alive meanwhile, unless it is unref'd: the timer does not.
    this.#timer = this.#clock.timer(Math.min(time, LONGEST_TIMER), this.#over);
    this.#timer.unref();
  }
}
