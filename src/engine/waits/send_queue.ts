/**
 * Sending as programs see it: immediately if the pattern can, otherwise in line until it can.
 *
 * | Event   | OPEN    | WAITING | FAILED |
 * | ------- | ------- | ------- | ------ |
 * | wait    | WAITING | -       | -      |
 * | room    | -       | OPEN    | -      |
 * | timeout |         | OPEN    |        |
 * | fail    | FAILED  | FAILED  | -      |
 *
 * `-` changes nothing; an empty cell cannot happen, as only calls in line have timers. WAITING: calls wait in line; `room` and `timeout` are those of the last one. FAILED
 * rejects all of them, and every later call. `tests/engine/waits/queue_states_test.ts` walks the table.
 *
 * More than 20 members because every form of send (one, many, buffered) takes its place in one line.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { ZmqError } from "../../base/errors.ts";
import { type Message, MessageIntake, type MessageLike } from "../../base/message.ts";
import type { Pattern } from "../../routing/pattern.ts";
import { MOST_SEALED } from "../../security/curve_crypto.ts";
import { requireSealable } from "../mechanisms.ts";
import type { Settings } from "../settings.ts";
import { AT_ONCE, nextTurn } from "./turn.ts";
import { type Hold, NO_HOLD } from "./process_hold.ts";
import { requireWaitOptions, WaitList, type WaitOptions } from "./wait_list.ts";

const DONE: Promise<void> = Promise.resolve();

/** The sending side of a socket. */
export class SendQueue {
  readonly #pattern: Pattern;
  readonly #settings: Settings;
  readonly #reader = new MessageIntake();
  readonly #clock: Clock;
  readonly #waits: WaitList<Message, void>;
  /** Calls that wait until something can be sent. */
  readonly #watchers: WaitList<undefined, void>;
  readonly #onSent: (() => void) | undefined;
  /** Called when a send has to wait. */
  onWait: (() => void) | undefined;
  #failed: (() => Error) | undefined;
  #pumping = false;
  #atOnce = 0;

  /**
   * @param settings Where `sendTimeout` is.
   * @param late Creates the error of a send that waited longer than `sendTimeout`.
   * @param onSent Called after each message, where sending opens the way for receiving.
   */
  constructor(
    pattern: Pattern,
    settings: Settings,
    clock: Clock,
    late: (limit: string) => ZmqError,
    onSent?: () => void,
    hold: Hold = NO_HOLD,
  ) {
    this.#clock = clock;
    this.#waits = new WaitList(clock, late, () => this.pump(), hold);
    this.#watchers = new WaitList(clock, late, undefined, hold);
    this.#pattern = pattern;
    this.#settings = settings;
    this.#onSent = onSent;
  }

  /** Number of sends that wait. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** True if a message would be sent at once. */
  get writable(): boolean {
    const line = this.#waits.size > 0 && this.#pattern.sendsByPeer !== true;
    return this.#failed === undefined && !line && this.#pattern.canSend!();
  }

  /** Resolves as soon as a message would be sent at once. */
  whenWritable(options?: WaitOptions): Promise<void> {
    try {
      if (options !== undefined) requireWaitOptions("whenWritable()", options);
      if (this.#failed !== undefined) throw this.#failed();
      options?.signal?.throwIfAborted();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.writable ? DONE : this.#watchers.add(undefined, -1, options?.signal).promise;
  }

  /** Sends now or not at all. */
  trySend(input: MessageLike): boolean {
    if (this.#failed !== undefined) throw this.#failed();
    return this.#sent(this.read(input));
  }

  /** Sends now or in line. A send that is done at once costs no promise of its own. */
  send(input: MessageLike, options?: WaitOptions): Promise<void> {
    try {
      if (this.#failed !== undefined) throw this.#failed();
      if (options !== undefined) {
        requireWaitOptions("send()", options);
        options.signal?.throwIfAborted();
      }
      const message = this.read(input);
      if (this.#sent(message)) return ++this.#atOnce % AT_ONCE > 0 ? DONE : nextTurn(this.#clock, undefined);
      return this.#wait(message, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Sends one message after another. */
  sendMany(inputs: Iterable<MessageLike>, options?: WaitOptions): Promise<void> {
    let rest: Iterator<MessageLike>;
    if (typeof (inputs as Partial<typeof inputs> | null)?.[Symbol.iterator] !== "function") {
      const text =
        "Cannot send many: pass an array or another synchronous iterable of messages; send() each one of an async iterable";
      return Promise.reject(new TypeError(text));
    }
    try {
      rest = inputs[Symbol.iterator]();
    } catch (error) {
      return Promise.reject(error);
    }
    try {
      if (this.#failed !== undefined) throw this.#failed();
      if (options !== undefined) requireWaitOptions("sendMany()", options);
      const wait = this.#sendSome(rest, options);
      return wait === undefined ? DONE : this.#sendRest(rest, options, wait);
    } catch (error) {
      return this.#giveUp(rest, error);
    }
  }

  /** One loop instead of a promise per wait: a generator may be endless. */
  async #sendRest(
    inputs: Iterator<MessageLike>,
    options: WaitOptions | undefined,
    first: Promise<void>,
  ): Promise<void> {
    try {
      for (let wait: Promise<void> | undefined = first; wait !== undefined; wait = this.#sendSome(inputs, options)) {
        await wait;
      }
    } catch (error) {
      await this.#giveUp(inputs, error);
    }
  }

  /** Sends until it has to wait, and returns that wait; `undefined` when all are sent. */
  #sendSome(inputs: Iterator<MessageLike>, options: WaitOptions | undefined): Promise<void> | undefined {
    for (;;) {
      options?.signal?.throwIfAborted();
      const next = inputs.next();
      if (next.done) return undefined;
      const message = this.read(next.value);
      // After the program has produced the message, which may close the socket.
      if (this.#failed !== undefined) throw this.#failed();
      if (!this.#sent(message)) return this.#wait(message, options);
      if (++this.#atOnce % AT_ONCE === 0) return nextTurn(this.#clock, undefined);
    }
  }

  /** Ends a generator: nothing more is taken from it. */
  #giveUp(inputs: Iterator<MessageLike>, error: unknown): Promise<void> {
    try {
      inputs.return?.();
    } catch {
      // The first error is reported.
    }
    return Promise.reject(error);
  }

  /** Lets the calls in line send after a change. */
  pump(): void {
    if (this.#pumping) return;
    if (this.#waits.size > 0) this.#serve();
    // Those in line come first.
    if (this.#watchers.size > 0 && this.writable) { for (const watcher of this.#watchers) watcher.resolve(); }
  }

  #serve(): void {
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

  /**
   * Returns a message in the library's own form.
   *
   * @throws {TypeError} If it is not a message; {@linkcode ZmqError} `EMSGSIZE` if CURVE cannot encrypt it.
   */
  read(input: MessageLike): Message {
    const message = this.#reader.read(input);
    // Most messages are known to be small enough by their sum.
    if (this.#reader.bytes > MOST_SEALED) requireSealable(message, this.#settings);
    return message;
  }

  #wait(message: Message, options: WaitOptions | undefined): Promise<void> {
    if (this.onWait !== undefined) this.onWait();
    return this.#waits.add(message, this.#settings.sendTimeout, options?.signal).promise;
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
  fail(error: () => Error): void {
    this.#failed = error;
    this.#watchers.rejectAll(error);
    this.#waits.rejectAll(error);
  }
}
