/**
 * The time in which the peer must end its side after a link has sent its own end.
 *
 * | Event | WAITING | RUNNING | STOPPED |
 * | ----- | ------- | ------- | ------- |
 * | limit | -       | -       | -       |
 * | start | RUNNING | -       | -       |
 * | over  |         | STOPPED |         |
 * | stop  | STOPPED | STOPPED | -       |
 *
 * `-` changes nothing, except that `limit` shortens the time; an empty cell cannot happen, as the timer runs in RUNNING alone. RUNNING: the end is sent. `over`: the
 * time is over, which is reported. `tests/transports/grace_test.ts` tests the table.
 *
 * @module
 */

import { type Clock, LONGEST_TIMER, type Timer } from "../base/clock.ts";

/** A deadline that starts when the end is sent. It can be shortened at any time, never extended. */
export class Grace {
  readonly #over: () => void;
  readonly #clock: Clock;
  /** Before the end is sent: the peer's time, in ms. */
  #time = Infinity;
  /** After the end is sent: the deadline. */
  #until = Infinity;
  #running = false;
  #stopped = false;
  #timer: Timer | undefined;

  /** @param over Called at the deadline; synchronously if no time is left. */
  constructor(over: () => void, clock: Clock) {
    this.#over = over;
    this.#clock = clock;
  }

  /** Limits the peer's time to `time` ms, starting when the end is sent, or now if it was sent already. */
  limit(time: number): void {
    if (this.#stopped) return;
    if (!this.#running) this.#time = Math.min(this.#time, time);
    else if (this.#clock.now() + time < this.#until) this.#wait(time);
  }

  /** Starts the deadline: the end is sent. */
  start(): void {
    this.#running = true;
    if (!this.#stopped) this.#wait(this.#time);
  }

  /** Stops the deadline. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #wait(time: number): void {
    this.#timer?.cancel();
    this.#until = this.#clock.now() + time;
    if (time <= 0) return this.#over();
    // No limit means about 25 days. The timer must not keep the process alive; the open socket does, unless it is
    // unref'd.
    this.#timer = this.#clock.timer(Math.min(time, LONGEST_TIMER), this.#over);
    this.#timer.unref();
  }
}
