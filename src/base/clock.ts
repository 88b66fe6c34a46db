/**
 * The one door for time, turns of the event loop and chance. Its functions are taken when the module loads, so that sockets
 * go on under the fake timers of test runners; `scripts/check_layers.ts` forbids the runtime's own everywhere else.
 *
 * @module
 */

import { isFake, UnfakedTimer } from "./fake_timers.ts";
import { messageTurn } from "./message_turn.ts";

/** Largest delay that a timer takes, in ms; a larger one would be none at all. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** A callback that is still to come. */
export interface Timer {
  /** Takes it back. Idempotent; does nothing once it was called. */
  cancel(): void;
  /** Has it keep the process alive, as it does at first, where the runtime knows that. */
  ref(): void;
  /** Has it keep the process alive no longer, where the runtime knows that. */
  unref(): void;
}

/** Time, turns of the event loop and chance, for one context. */
export interface Clock {
  /** The time in ms since some start; it never goes back. */
  now(): number;
  /** Calls `callback` once, after `ms` (at most {@link LONGEST_TIMER}). */
  timer(ms: number, callback: () => void): Timer;
  /** Calls `callback` once this turn's work, and all of its promises, are done. */
  turn(callback: () => void): void;
  /** A number from 0 up to 1. */
  random(): number;
}

/** Not in browsers. Declared for this file alone, which so needs no runtime's types. */
declare const setImmediate: ((callback: () => void) => unknown) | undefined;

const later = setTimeout;
const forget = clearTimeout;
const elapsed = performance.now.bind(performance);
const chance = Math.random;
/** The program loaded this module under fake timers: what was taken is fake for ever. */
const fakeForEver = isFake(later);
let latest = 0;

/** Checks if timers are fake now. Only Bun fakes a function that was real when it was taken; its property `clock` is cheap to check. */
function faked(): boolean {
  return fakeForEver || "clock" in later;
}

/** The clock of the runtime. */
export const systemClock: Clock = {
  now() {
    // Fake time is ignored: no deadline may depend on it.
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

/** Calls `callback` once the code that runs now has returned, before any other turn. */
export const microtask: (callback: () => void) => void = isFake(queueMicrotask)
  ? (callback) => void Promise.resolve().then(callback)
  : queueMicrotask;

/** A timer of the runtime; browsers' timers are numbers, which keep nothing alive. */
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

/** `setImmediate` costs 1 to 2 µs, a message about 5, a timer 1 to 2 ms; browsers have only the last two. */
function newTurn(): Clock["turn"] {
  if (typeof setImmediate === "function" && !isFake(setImmediate)) {
    const immediate = setImmediate;
    return (callback) => void immediate(callback);
  }
  if (typeof MessageChannel === "function") return messageTurn([new MessageChannel(), new MessageChannel()]);
  return (callback) => void systemClock.timer(0, callback);
}
