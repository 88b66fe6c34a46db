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
export interface Wait<P, R> {
  /** What it brought along. */
  readonly payload: P;
  /** Ends the wait well. */
  resolve(result: R): void;
  /** Ends the wait with an error. */
  reject(error: unknown): void;
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
    return new Promise<R>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const leave = () => {
        this.#waits.delete(wait);
        if (timer !== undefined) clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const giveUp = (error: unknown) => {
        wait.reject(error);
        this.#onGaveUp();
      };
      const onAbort = () => giveUp(signal!.reason);
      const wait: Wait<P, R> = {
        payload,
        resolve: (result) => {
          leave();
          resolve(result);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waits.add(wait);
      signal?.addEventListener("abort", onAbort);
      if (timeout > 0) {
        timer = setTimeout(
          () => giveUp(new ZmqError("EAGAIN", `${this.#timeoutMessage} within ${timeout} ms`)),
          timeout,
        );
      }
    });
  }

  /** Ends all waits with an error. */
  rejectAll(error: unknown): void {
    for (const wait of this.#waits) wait.reject(error);
  }
}
