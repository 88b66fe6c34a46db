/**
 * Callers that wait for their turn, first come first served, each with a timeout and a signal of its own.
 *
 * @module
 */

import { requireSignal, whenAborted } from "../../base/abort.ts";
import { onlyOptions } from "../../base/checks.ts";
import type { Clock } from "../../base/clock.ts";
import { asCaller, failing } from "../../base/failure.ts";
import { type Hold, NO_HOLD } from "./process_hold.ts";
import { ONE_ARRAY } from "../../base/surplus.ts";

/** Limits of a wait. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with `signal.reason`. Nothing is sent or lost by it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks the options of a call that may wait.
 *
 * @throws {TypeError} If it has others, such as a misspelt one or a `timeout`.
 */
export function requireWaitOptions(call: string, options: WaitOptions): void {
  // A loop costs less than a list of the names: programs with a signal pass these options with each message.
  let known = false;
  if (typeof options === "string" && call === "send()") {
    throw new TypeError(`send() takes one message and options, not a second argument of type string${ONE_ARRAY}`);
  }
  if (typeof options === "object") { for (const name in options) if (!(known = name === "signal")) break; }
  if (!known) onlyOptions(call, options, ["signal"], (name) => timeoutAdvice(name, call));
  requireSignal(call, options.signal);
}

/** Returns how to limit a wait, for an option such as `timeout` that no call has. */
export function timeoutAdvice(name: string, call: string = ""): string {
  if (!/time/i.test(name)) return "";
  const option = /^(send|receive)(Many)?\(/.exec(call)?.[1];
  const ofSocket = option === undefined ? "" : `set the option ${option}Timeout of the socket, or `;
  return `; the call takes no timeout: ${ofSocket}pass { signal: AbortSignal.timeout(…) }`;
}

/** One caller that waits. */
export class Wait<P, R> {
  /** The value that it waits with. */
  readonly payload: P;
  /** Settled when the wait ends. To be awaited with `reasonOf`, as it may reject with a `Failure`. */
  readonly outcome: Promise<R>;

  readonly #waits: Set<Wait<P, R>>;
  readonly #hold: Hold;
  #resolve!: (result: R | Promise<R>) => void;
  #reject!: (error: unknown) => void;
  /** Removes the timer and the listener, if there are any. */
  #unwatch: (() => void) | undefined;

  constructor(waits: Set<Wait<P, R>>, payload: P, hold: Hold) {
    this.#waits = waits;
    this.#hold = hold;
    this.payload = payload;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    waits.add(this);
    hold.take();
  }

  /** The outcome as the caller gets it. */
  get promise(): Promise<R> {
    return asCaller(this.outcome);
  }

  /** Ends the wait with a result. */
  resolve(result: R): void {
    this.#leave();
    this.#resolve(result);
  }

  /** Ends the wait with an error. */
  reject(error: unknown): void {
    this.#leave();
    this.#reject(error);
  }

  /** Ends the wait with an error that is created where the caller waits. */
  fail(create: () => unknown): void {
    this.#leave();
    this.#resolve(failing<R>(create));
  }

  /** Calls `unwatch` when the wait ends, in any way. */
  onLeave(unwatch: () => void): void {
    this.#unwatch = unwatch;
  }

  #leave(): void {
    // It may be ended twice: served, and aborted before the caller has seen that.
    if (!this.#waits.delete(this)) return;
    this.#hold.release();
    this.#unwatch?.();
  }
}

/** The waits with the same signal. */
interface SignalWaits<P, R> {
  readonly waits: Set<Wait<P, R>>;
  readonly unlisten: () => void;
}

/** A first-in first-out list of waits. */
export class WaitList<P, R> implements Iterable<Wait<P, R>> {
  readonly #waits = new Set<Wait<P, R>>();
  /** The waits of each signal: those with the same signal end together. */
  readonly #signals = new Map<AbortSignal, SignalWaits<P, R>>();
  readonly #clock: Clock;
  readonly #hold: Hold;
  readonly #late: (limit: string) => unknown;
  readonly #onGaveUp: () => void;

  /**
   * @param late Creates the error of a wait that takes too long; `limit` is "now" or, for example, "within 50 ms".
   * @param onGaveUp Called when a wait has ended by its timeout or signal: others may have waited behind it.
   * @param hold Keeps the process alive for each wait.
   */
  constructor(clock: Clock, late: (limit: string) => unknown, onGaveUp: () => void = () => {}, hold: Hold = NO_HOLD) {
    this.#clock = clock;
    this.#hold = hold;
    this.#late = late;
    this.#onGaveUp = onGaveUp;
  }

  /** The number of waits. */
  get size(): number {
    return this.#waits.size;
  }

  /** The waits, in order. */
  [Symbol.iterator](): Iterator<Wait<P, R>> {
    return this.#waits.values();
  }

  /**
   * Waits in line.
   *
   * @param timeout In ms; negative waits for any time, 0 not at all.
   */
  add(payload: P, timeout: number, signal: AbortSignal | undefined): Wait<P, R> {
    const wait = new Wait<P, R>(this.#waits, payload, this.#hold);
    if (signal?.aborted) wait.reject(signal.reason);
    else if (timeout === 0) wait.reject(this.#late("now"));
    else if (timeout > 0 || signal !== undefined) this.#watch(wait, timeout, signal);
    return wait;
  }

  /** Ends all waits, each with an error of its own. */
  rejectAll(error: () => unknown): void {
    for (const wait of this.#waits) wait.fail(error);
  }

  #watch(wait: Wait<P, R>, timeout: number, signal: AbortSignal | undefined): void {
    const late = () => {
      wait.fail(() => this.#late(`within ${timeout} ms`));
      this.#onGaveUp();
    };
    const timer = timeout > 0 ? this.#clock.timer(timeout, late) : undefined;
    const unlisten = signal && this.#listen(wait, signal);
    wait.onLeave(() => {
      timer?.cancel();
      unlisten?.();
    });
  }

  /** Ends the wait when the signal is aborted; the function returned ends that. */
  #listen(wait: Wait<P, R>, signal: AbortSignal): () => void {
    let together = this.#signals.get(signal);
    if (together === undefined) {
      const waits = new Set<Wait<P, R>>();
      const unlisten = whenAborted(signal, (reason) => {
        // All of them before any other call is served: none of these may be served afterwards.
        for (const each of waits) each.reject(reason);
        this.#onGaveUp();
      });
      this.#signals.set(signal, together = { waits, unlisten });
    }
    const { waits, unlisten } = together;
    waits.add(wait);
    return () => {
      if (!waits.delete(wait) || waits.size > 0) return;
      this.#signals.delete(signal);
      unlisten();
    };
  }
}
