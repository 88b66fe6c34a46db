/**
 * Sends and receives of a Request or Reply that come out of turn. This library rejects them with `EFSM`; with zeromq.js
 * they wait for their turn, and are rejected only when their timeout expires.
 *
 * | Event            | WAITING  | DONE | REJECTED |
 * | ---------------- | -------- | ---- | -------- |
 * | retry            | DONE     | -    | -        |
 * | retry, too early | -        | -    | -        |
 * | timeout          | REJECTED |      |          |
 * | end              | REJECTED | -    | -        |
 *
 * The states of a call. `-` changes nothing; an empty cell cannot happen, as there is no timer. `tests/zeromq/states_test.ts` walks the table.
 *
 * @module
 */

import { LONGEST_TIMER, systemClock, type Timer } from "../base/clock.ts";
import type { ErrnoError } from "./errors.ts";

interface Waiting {
  /** Tries again; false if it is still too early. */
  readonly attempt: () => boolean;
  readonly reject: (error: ErrnoError) => void;
  /** Keeps the process alive meanwhile. */
  readonly timer: Timer;
}

/** The operations of one socket that wait for their turn. */
export class OutOfTurn {
  readonly #waiting = new Set<Waiting>();

  /** Nothing waits. */
  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Waits until the operation is possible.
   *
   * @param timeout In ms; −1 waits forever.
   * @param late The error after the timeout.
   */
  wait<T>(operation: () => Promise<T> | undefined, timeout: number, late: () => ErrnoError): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const result = operation();
        if (result !== undefined) resolve(result);
        return result !== undefined;
      };
      const timer = systemClock.timer(timeout < 0 ? LONGEST_TIMER : Math.min(timeout, LONGEST_TIMER), () => {
        this.#waiting.delete(waiting);
        reject(late());
      });
      const waiting = { attempt, reject, timer };
      this.#waiting.add(waiting);
    });
  }

  /** An operation of the socket is complete: others may be possible now. */
  retry(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.attempt()) continue;
      waiting.timer.cancel();
      this.#waiting.delete(waiting);
    }
  }

  /** Rejects all of them: the socket is closed. */
  end(error: () => ErrnoError): void {
    for (const { reject, timer } of this.#waiting) {
      timer.cancel();
      reject(error());
    }
    this.#waiting.clear();
  }
}
