/**
 * Sending as users see it: at once where the pattern can, else in line until it can.
 *
 * @module
 */

import { type Message, type MessageLike, MessageReader } from "../message.ts";
import type { Pattern } from "../routing/pattern.ts";
import { WaitList, type WaitOptions } from "./wait_list.ts";

const DONE: Promise<void> = Promise.resolve();

/** The sending side of a socket. */
export class SendQueue {
  readonly #pattern: Pattern;
  readonly #timeout: number;
  readonly #reader = new MessageReader();
  readonly #waits = new WaitList<Message, void>("Cannot send: no peer has room", () => this.pump());
  readonly #onSent: (() => void) | undefined;
  #closed: (() => Error) | undefined;
  #pumping = false;

  /**
   * @param timeout How long a send waits, in ms; negative is without end.
   * @param onSent Called after each message, where sending opens the way for receiving.
   */
  constructor(pattern: Pattern, timeout: number, onSent?: () => void) {
    this.#pattern = pattern;
    this.#timeout = timeout;
    this.#onSent = onSent;
  }

  /** How many sends wait. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** Sends now, or not at all. */
  trySend(input: MessageLike): boolean {
    if (this.#closed !== undefined) throw this.#closed();
    return this.#sent(this.#reader.read(input));
  }

  /** Sends now or in line. A send that is done at once costs no promise of its own. */
  send(input: MessageLike, options?: WaitOptions): Promise<void> {
    try {
      if (this.#closed !== undefined) throw this.#closed();
      options?.signal?.throwIfAborted();
      const message = this.#reader.read(input);
      if (this.#sent(message)) return DONE;
      return this.#waits.add(message, this.#timeout, options?.signal).promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Something changed: lets those in line send. */
  pump(): void {
    if (this.#waits.size === 0 || this.#pumping) return;
    this.#pumping = true;
    for (const wait of this.#waits) {
      try {
        if (this.#try(wait.payload)) wait.resolve();
        else if (!this.#pattern.sendsByPeer) break;
      } catch (error) {
        wait.reject(error);
      }
    }
    this.#pumping = false;
  }

  #sent(message: Message): boolean {
    return (this.#waits.size === 0 || this.#pattern.sendsByPeer === true) && this.#try(message);
  }

  #try(message: Message): boolean {
    if (!this.#pattern.trySend!(message)) return false;
    if (this.#onSent !== undefined) this.#onSent();
    return true;
  }

  /** Ends all waits, and every later send, with this error. */
  close(error: () => Error): void {
    this.#closed = error;
    this.#waits.rejectAll(error);
  }
}
