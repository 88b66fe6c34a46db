/**
 * Keeping the process alive for one socket (docs/adr/0010-process-life.md): the one place that decides it. Links, listeners
 * and timers of a socket keep nothing alive; this does, as long as the socket has a reason and is not unref'd. It uses the
 * runtime's clock, whatever the clock of the context: the process is real.
 *
 * | Event   | IDLE    | HOLDING  | SETTLING | WEAK    | ENDED |
 * | ------- | ------- | -------- | -------- | ------- | ----- |
 * | take    | HOLDING | -        | HOLDING  | -       | -     |
 * | release | x       | SETTLING | x        | -       | -     |
 * | settled |         |          | IDLE     |         |       |
 * | unref   | WEAK    | WEAK     | WEAK     | -       | -     |
 * | ref     | -       | -        | -        | HOLDING | -     |
 * | end     | ENDED   | ENDED    | ENDED    | ENDED   | -     |
 *
 * `-` changes nothing; an empty cell cannot happen, as there is no such timer; `x` would break the contract of `Hold`: no release without a reason.
 * `release` is of the last reason, after which the process is held for a few ms more
 * (SETTLING). The reasons of `links` can be left out, so that only waits count. WEAK is with a reason; without one `ref` leads to IDLE. `tests/engine/waits/process_hold_test.ts` walks the table.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../base/clock.ts";

/** Counts reasons to keep the process alive. */
export interface Hold {
  /** Adds a reason. */
  take(): void;
  /** Removes a reason. */
  release(): void;
}

/** Keeps nothing alive. */
export const NO_HOLD: Hold = { take() {}, release() {} };

/** The clock, but with timers that keep nothing alive. */
export function idleClock(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    turn: (callback) => clock.turn(callback),
    random: () => clock.random(),
    timer(ms, callback) {
      const timer = clock.timer(ms, callback);
      timer.unref();
      return timer;
    },
  };
}

/**
 * The time for which the process is kept alive after the last reason, in ms. A busy connection has and loses reasons many times per
 * turn, and a timer every few ms costs less than a turn for each.
 */
const RELEASED_AFTER = 3;

/** A timer that keeps the process alive has a limit, after which a forgotten socket no longer keeps it alive. */
const RENEWED_EVERY = 600_000;

/** The reasons of a socket to keep the process alive. */
export class ProcessHold implements Hold {
  /** Called when it is ref'd or unref'd. */
  onChange: ((refed: boolean) => void) | undefined;
  #reasons = 0;
  #refed = true;
  #ended = false;
  #timer: Timer | undefined;
  /** The timer keeps the process alive. */
  #holding = false;
  /** Soon checks whether there still is a reason. */
  #asking: Timer | undefined;
  /** Reasons of `links`, and whether they count. */
  #linkReasons = 0;
  #linksCount = true;
  /** Takes the reasons of endpoints and connections. */
  readonly links: Hold = {
    take: () => {
      this.#linkReasons++;
      if (this.#linksCount) this.take();
    },
    release: () => {
      this.#linkReasons--;
      if (this.#linksCount) this.release();
    },
  };
  readonly #ask = (): void => {
    this.#asking = undefined;
    if (this.#reasons === 0) this.#letGo();
  };

  /** True if links keep the process alive. */
  get refed(): boolean {
    return this.#refed && this.#linksCount;
  }

  take(): void {
    if (++this.#reasons === 1 && this.#refed) this.#hold();
  }

  release(): void {
    if (--this.#reasons > 0 || !this.#holding || this.#asking !== undefined) return;
    this.#asking = systemClock.timer(RELEASED_AFTER, this.#ask);
  }

  /** Reasons count, as they do at first. Idempotent. */
  ref(): void {
    this.#countLinks(true);
    this.#refed = true;
    if (this.#reasons > 0) this.#hold();
    this.onChange?.(true);
  }

  /** Reasons no longer count. Idempotent. */
  unref(): void {
    this.#refed = false;
    this.#letGo();
    this.onChange?.(false);
  }

  /** Only the reasons of waits count. Idempotent. */
  unrefLinks(): void {
    this.#countLinks(false);
    this.#refed = true;
    if (this.#reasons > 0) this.#hold();
    else this.#letGo();
    this.onChange?.(false);
  }

  /** Links that count are not released twice, whatever happens in between. */
  #countLinks(count: boolean): void {
    if (count === this.#linksCount) return;
    this.#linksCount = count;
    this.#reasons += count ? this.#linkReasons : -this.#linkReasons;
  }

  /** The socket is closed. */
  end(): void {
    this.#timer?.cancel();
    this.#asking?.cancel();
    this.#timer = this.#asking = undefined;
    this.#holding = false;
    this.#ended = true;
  }

  #hold(): void {
    // A closed socket may still be ref'd by its program.
    if (this.#holding || this.#ended) return;
    this.#holding = true;
    if (this.#timer === undefined) this.#timer = systemClock.timer(RENEWED_EVERY, () => this.#renew());
    else this.#timer.ref();
  }

  #letGo(): void {
    if (this.#holding) this.#timer!.unref();
    this.#holding = false;
  }

  #renew(): void {
    this.#timer = undefined;
    this.#holding = false;
    if (this.#reasons > 0 && this.#refed) this.#hold();
  }
}
