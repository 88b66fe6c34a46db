/**
 * The only source of time, event loop turns and random numbers. The runtime's functions are read when the module loads,
 * so that sockets keep working under the fake timers of test runners; `scripts/check_layers.ts` forbids using them
 * anywhere else.
 *
 * @module
 */

import { isFake, UnfakedTimer } from "./fake_timers.ts";
import { messageTurn } from "./message_turn.ts";

/** Longest delay of a timer, in ms. Runtimes fire a timer with a longer delay immediately. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** A scheduled callback. */
export interface Timer {
  /** Cancels the callback. Idempotent; does nothing after the callback was called. */
  cancel(): void;
  /**
   * Keeps the process alive until the callback was called (the default). Does nothing in runtimes without this feature.
   */
  ref(): void;
  /** Lets the process exit before the callback was called. Does nothing in runtimes without this feature. */
  unref(): void;
}

/** Time, event loop turns and random numbers of a context. */
export interface Clock {
  /** Returns a time in ms that never goes back; its origin is arbitrary. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds, at most {@link LONGEST_TIMER}. */
  timer(ms: number, callback: () => void): Timer;
  /** Calls `callback` once, in the next turn of the event loop, after all pending promise callbacks. */
  turn(callback: () => void): void;
  /** Returns a random number from 0 (inclusive) to 1 (exclusive). */
  random(): number;
}

const later = setTimeout;
const forget = clearTimeout;
const elapsed = performance.now.bind(performance);
const chance = Math.random;
const date = Date.now.bind(Date);
/** True if the program loaded this module while fake timers were installed: the functions above are then fake forever. */
const fakeForEver = isFake(later);
let latest = 0;

/**
 * Checks if timers are fake now. Only Bun fakes a function that was real when it was read; looking for its property
 * `clock` is cheap.
 */
function faked(): boolean {
  return fakeForEver || "clock" in later;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now() {
    // Fake time is ignored, because no deadline may depend on it.
    if (!faked()) latest = Math.max(latest, elapsed());
    return latest;
  },
  timer(ms, callback) {
    if (!faked() || !UnfakedTimer.possible) return new RuntimeTimer(ms, callback);
    const due = systemClock.now() + ms;
    return new UnfakedTimer(ms, () => {
      latest = Math.max(latest, due);
      callback();
    });
  },
  turn: newTurn(),
  random: () => chance(),
};

/** Returns a function that creates one value per clock, for all that share an event loop as they share its clock. */
export function perClock<T>(create: (clock: Clock) => T): (clock: Clock) => T {
  const known = new WeakMap<Clock, T>();
  return (clock) => {
    let value = known.get(clock);
    if (value === undefined) known.set(clock, value = create(clock));
    return value;
  };
}

/** The date in ms since 1970, for people: nothing is timed by it. */
export function wallTime(): number {
  return date();
}

/** Calls `callback` in a microtask, before the next turn of the event loop. */
export const microtask: (callback: () => void) => void = isFake(queueMicrotask)
  ? (callback) => void Promise.resolve().then(callback)
  : queueMicrotask;

/** A timer of the runtime. In browsers timers are numbers, and no timer keeps anything alive. */
class RuntimeTimer implements Timer {
  readonly #handle: { ref?(): unknown; unref?(): unknown };

  constructor(ms: number, callback: () => void) {
    this.#handle = later(callback, ms) as unknown as { ref?(): unknown; unref?(): unknown };
  }

  cancel(): void {
    forget(this.#handle as unknown as number);
  }

  ref(): void {
    this.#handle.ref?.();
  }

  unref(): void {
    this.#handle.unref?.();
  }
}

/**
 * Picks the cheapest way: `setImmediate` costs 1 to 2 µs, a message about 5 µs, a timer 1 to 2 ms. Browsers have only
 * the last two.
 */
function newTurn(): Clock["turn"] {
  if (typeof setImmediate === "function" && !isFake(setImmediate)) {
    const immediate = setImmediate;
    return (callback) => void immediate(callback);
  }
  if (typeof MessageChannel === "function") return messageTurn([new MessageChannel(), new MessageChannel()]);
  return (callback) => void systemClock.timer(0, callback);
}
