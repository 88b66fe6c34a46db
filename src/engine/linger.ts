/**
 * Linger: the one place where the time that `close`, `disconnect` and `unbind` allow becomes a deadline, a point in time on the
 * socket's clock; and the one timer for all deadlines of a socket. Dialers and connections are handed the deadline by `finish`,
 * and dropped from here when it has passed.
 *
 * | Event    | IDLE    | RUNNING | ENDED |
 * | -------- | ------- | ------- | ----- |
 * | watch    | RUNNING | -       | -     |
 * | forget   | -       | IDLE    | -     |
 * | deadline | -       | IDLE    | -     |
 * | end      | ENDED   | ENDED   | -     |
 *
 * IDLE has nothing with a deadline, RUNNING has one thing or more: `forget` and a deadline lead to IDLE with the last of them.
 * `-` changes nothing. `tests/engine/linger_test.ts` walks the table.
 *
 * @module
 */

import { type Clock, LONGEST_TIMER, type Timer } from "../base/clock.ts";

interface Lingering {
  deadline: number;
  readonly drop: () => void;
}

/** The deadlines of one socket. */
export class Linger {
  readonly #clock: Clock;
  readonly #lingering = new Map<object, Lingering>();
  #timer: Timer | undefined;
  /** When the timer is due. */
  #due = Infinity;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The deadline of an ending that may take this long, in ms; −1 is forever. */
  deadline(linger: number): number {
    return linger < 0 ? Infinity : this.#clock.now() + linger;
  }

  /**
   * Calls `drop` at the deadline. A later call for the same ending can bring its deadline forward, but not postpone it.
   */
  watch(what: object, deadline: number, drop: () => void): void {
    if (this.#ended) return;
    const known = this.#lingering.get(what);
    if (known === undefined) this.#lingering.set(what, { deadline, drop });
    else if (deadline < known.deadline) known.deadline = deadline;
    if (deadline < this.#due) this.#start(deadline);
  }

  /** It has ended before its deadline. */
  forget(what: object): void {
    if (this.#lingering.delete(what) && this.#lingering.size === 0) this.#stop();
  }

  /** The socket has ended. */
  end(): void {
    this.#ended = true;
    this.#lingering.clear();
    this.#stop();
  }

  #start(due: number): void {
    this.#timer?.cancel();
    this.#due = due;
    const time = Math.min(Math.max(0, due - this.#clock.now()), LONGEST_TIMER);
    this.#timer = this.#clock.timer(time, () => this.#passed(due));
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = Infinity;
  }

  /** By the deadline, not by the time: timers may be early by a part of a millisecond. */
  #passed(due: number): void {
    this.#stop();
    let next = Infinity;
    for (const [what, { deadline, drop }] of [...this.#lingering]) {
      if (deadline > due) next = Math.min(next, deadline);
      else if (this.#lingering.delete(what)) drop();
    }
    if (next < this.#due && !this.#ended && this.#lingering.size > 0) this.#start(next);
  }
}
