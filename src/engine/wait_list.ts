/**
 * Callers that wait for their turn, first come first served, each with a timeout and a signal of its own.
 *
 * @module
 */

import { ZmqError } from "../errors.ts";

/** What bounds a wait. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with `signal.reason`. Nothing is sent or lost by it. */
  readonly signal?: AbortSignal | undefined;
}

/** One caller that waits. */
export class Wait<P, R> {
  /** What it brought along. */
  readonly payload: P;
  /** Settled when the wait ends. */
  readonly promise: Promise<R>;

  readonly #waits: Set<Wait<P, R>>;
  #resolve!: (result: R) => void;
  #reject!: (error: unknown) => void;
  /** Undoes the timer and the listener, where there are any. */
  #unwatch: (() => void) | undefined;

  constructor(waits: Set<Wait<P, R>>, payload: P) {
    this.#waits = waits;
    this.payload = payload;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    waits.add(this);
  }

  /** Ends the wait well. */
  resolve(result: R): void {
    this.#leave();
    this.#resolve(result);
  }

  /** Ends the wait with an error. */
  reject(error: unknown): void {
    this.#leave();
    this.#reject(error);
  }

  /** Bounds the wait: calls `giveUp` when `timeout` ms are over, unless negative, or `signal` is aborted. */
  watch(timeout: number, signal: AbortSignal | undefined, giveUp: (aborted: boolean) => void): void {
    const timer = timeout > 0 ? setTimeout(() => giveUp(false), timeout) : undefined;
    const onAbort = () => giveUp(true);
    signal?.addEventListener("abort", onAbort);
    this.#unwatch = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  #leave(): void {
    this.#waits.delete(this);
    this.#unwatch?.();
  }
}

/** A first-in first-out list of waits. */
export class WaitList<P, R> implements Iterable<Wait<P, R>> {
  readonly #waits = new Set<Wait<P, R>>();
  readonly #timeoutMessage: string;
  readonly #onGaveUp: () => void;

  /**
   * @param timeoutMessage What the error says when a wait takes too long, such as "Cannot send: no peer is ready".
   * @param onGaveUp Called when a wait has ended by its timeout or signal: it may have stood before others.
   */
  constructor(timeoutMessage: string, onGaveUp: () => void = () => {}) {
    this.#timeoutMessage = timeoutMessage;
    this.#onGaveUp = onGaveUp;
  }

  /** How many wait. */
  get size(): number {
    return this.#waits.size;
  }

  /** Those who wait, in the order of their turns. */
  [Symbol.iterator](): Iterator<Wait<P, R>> {
    return this.#waits.values();
  }

  /**
   * Waits in line.
   *
   * @param timeout In ms; negative waits for any time, 0 not at all.
   */
  add(payload: P, timeout: number, signal: AbortSignal | undefined): Promise<R> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (timeout === 0) return Promise.reject(new ZmqError("EAGAIN", `${this.#timeoutMessage} now`));
    const wait = new Wait<P, R>(this.#waits, payload);
    if (timeout > 0 || signal !== undefined) {
      wait.watch(timeout, signal, (aborted) => {
        const late = `${this.#timeoutMessage} within ${timeout} ms`;
        wait.reject(aborted ? signal!.reason : new ZmqError("EAGAIN", late));
        this.#onGaveUp();
      });
    }
    return wait.promise;
  }

  /** Ends all waits with an error. */
  rejectAll(error: unknown): void {
    for (const wait of this.#waits) wait.reject(error);
  }
}
