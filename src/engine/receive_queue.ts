/**
 * Receiving as users see it: at once where a message is there, else in line until one comes.
 *
 * @module
 */

import type { Message } from "../message.ts";
import type { Pattern } from "../routing/pattern.ts";
import { WaitList, type WaitOptions } from "./wait_list.ts";

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The receiving side of a socket. */
export class ReceiveQueue {
  readonly #pattern: Pattern;
  readonly #timeout: number;
  readonly #waits = new WaitList<undefined, Message>("Cannot receive: no message came");
  #closed: (() => Error) | undefined;
  #pumping = false;

  /** @param timeout How long a receive waits, in ms; negative is without end. */
  constructor(pattern: Pattern, timeout: number) {
    this.#pattern = pattern;
    this.#timeout = timeout;
  }

  /** The next message, or `undefined` if there is none now. */
  tryReceive(): Message | undefined {
    if (this.#closed !== undefined) throw this.#closed();
    // Those in line come first.
    const message = this.#waits.size === 0 ? this.#pattern.tryReceive!() : undefined;
    if (message !== undefined) return message;
    const error = this.#pattern.receiveError?.();
    if (error !== undefined) throw error;
    return undefined;
  }

  /** The next message, now or in line. */
  receive(options?: WaitOptions): Promise<Message> {
    try {
      options?.signal?.throwIfAborted();
      const message = this.tryReceive();
      if (message !== undefined) return Promise.resolve(message);
      return this.#waits.add(undefined, this.#timeout, options?.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Iterates over the messages; ends quietly when the socket is closed. */
  iterate(): AsyncIterator<Message, undefined> {
    const end = (error: unknown): IteratorReturnResult<undefined> => {
      if (this.#closed !== undefined) return DONE;
      throw error;
    };
    return {
      next: () => {
        if (this.#closed !== undefined) return Promise.resolve(DONE);
        try {
          const value = this.tryReceive();
          if (value !== undefined) return Promise.resolve({ done: false, value });
        } catch (error) {
          return Promise.reject(error);
        }
        return this.receive().then((value) => ({ done: false, value }), end);
      },
      return: () => Promise.resolve(DONE),
    };
  }

  /** Something changed: serves those in line. */
  pump(): void {
    if (this.#waits.size === 0 || this.#pumping) return;
    this.#pumping = true;
    for (const wait of this.#waits) {
      const message = this.#pattern.tryReceive!();
      if (message === undefined) break;
      wait.resolve(message);
    }
    this.#pumping = false;
  }

  /** Ends all waits, and every later receive, with this error. */
  close(error: () => Error): void {
    this.#closed = error;
    this.#waits.rejectAll(error());
  }
}
