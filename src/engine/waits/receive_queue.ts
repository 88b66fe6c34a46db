/**
 * Receiving as programs see it: immediately if there is a message, otherwise in line until one arrives.
 *
 * | Event   | OPEN    | WAITING | FAILED |
 * | ------- | ------- | ------- | ------ |
 * | wait    | WAITING | -       | -      |
 * | message | -       | OPEN    | -      |
 * | timeout |         | OPEN    |        |
 * | fail    | FAILED  | FAILED  | -      |
 *
 * `-` changes nothing; an empty cell cannot happen, as only calls in line have timers. WAITING: calls wait in line; `message` and `timeout` are those of the last one.
 * FAILED rejects all of them, and every later call. `tests/engine/waits/queue_states_test.ts` walks the table.
 *
 * More than 20 members because every form of receive (one, many, batches, iterators) takes its place in one line.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { ZmqError } from "../../base/errors.ts";
import { reasonOf } from "../../base/failure.ts";
import type { Message } from "../../base/message.ts";
import type { Pattern } from "../../routing/pattern.ts";
import type { CatchingUp } from "../pipe/catching_up.ts";
import type { Settings } from "../settings.ts";
import { readTurnsOf } from "../connection/read_turns.ts";
import { AT_ONCE } from "./turn.ts";
import { type Hold, NO_HOLD } from "./process_hold.ts";
import { requireWaitOptions, type Wait, WaitList, type WaitOptions } from "./wait_list.ts";
import { typeName } from "../../base/type_name.ts";

/** Most messages in a batch, unless the user says otherwise. */
const BATCH = 1000;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The receiving side of a socket. */
export class ReceiveQueue {
  readonly #pattern: Pattern;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #waits: WaitList<undefined, Message>;
  /** Calls that wait until there is something to receive. */
  readonly #watchers: WaitList<undefined, void>;
  readonly #onReceived: (() => void) | undefined;
  /** Called when a receive has to wait. */
  onWait: (() => void) | undefined;
  #failed: (() => Error) | undefined;
  #pumping = false;
  #count = 0;
  /** A message is reserved for the caller that asked for it, until the next turn. */
  #held = false;
  readonly #catchingUp: CatchingUp | undefined;

  /**
   * @param settings Where `receiveTimeout` is.
   * @param late Creates the error of a receive that waited longer than `receiveTimeout`.
   * @param onReceived Called after each message, where receiving opens the way for sending.
   * @param catchingUp Called when as many messages were received as may be in a turn.
   */
  constructor(
    pattern: Pattern,
    settings: Settings,
    clock: Clock,
    late: (limit: string) => ZmqError,
    onReceived?: () => void,
    catchingUp?: CatchingUp,
    hold: Hold = NO_HOLD,
  ) {
    this.#clock = clock;
    this.#catchingUp = catchingUp;
    this.#waits = new WaitList(clock, late, undefined, hold);
    this.#watchers = new WaitList(clock, late, undefined, hold);
    this.#pattern = pattern;
    this.#settings = settings;
    this.#onReceived = onReceived;
  }

  /** Number of receives that wait. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** True if there is a message to receive, and no other caller waits for it. */
  get readable(): boolean {
    return this.#failed === undefined && !this.#inLine && this.#pattern.canReceive!();
  }

  /** Resolves as soon as there is a message to receive. */
  whenReadable(options?: WaitOptions): Promise<void> {
    try {
      if (options !== undefined) requireWaitOptions("whenReadable()", options);
      if (this.#failed !== undefined) throw this.#failed();
      options?.signal?.throwIfAborted();
    } catch (error) {
      return Promise.reject(error);
    }
    return this.readable ? Promise.resolve() : this.#watchers.add(undefined, -1, options?.signal).promise;
  }

  /** The next message, or `undefined` if there is none now. */
  tryReceive(): Message | undefined {
    if (this.#failed !== undefined) throw this.#failed();
    // Those in line come first.
    const message = this.#inLine ? undefined : this.#pattern.tryReceive!();
    if (message !== undefined) {
      if (this.#onReceived !== undefined) this.#onReceived();
      return message;
    }
    const error = this.#pattern.receiveError?.();
    if (error !== undefined) throw error;
    return undefined;
  }

  /** The next message, now or in line. */
  receive(options?: WaitOptions): Promise<Message> {
    try {
      if (options !== undefined) {
        requireWaitOptions("receive()", options);
        options.signal?.throwIfAborted();
      }
      const message = this.tryReceive();
      if (message !== undefined) return this.#atOnce(message);
      return this.#wait(options).promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** At least one message, now or in line, and all others that have arrived. */
  receiveMany(max?: number, options?: WaitOptions): Promise<Message[]> {
    try {
      if (options !== undefined) {
        requireWaitOptions("receiveMany()", options);
        options.signal?.throwIfAborted();
      }
      const batch = this.tryReceiveMany(max);
      if (batch.length > 0) return this.#atOnce(batch);
      return this.#batchAfter(this.#wait(options), batchSize(max));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Returns the messages that have arrived. */
  tryReceiveMany(max?: number): Message[] {
    const most = batchSize(max);
    const first = this.tryReceive();
    return first === undefined ? [] : this.#batchOf(first, most);
  }

  /** Iterates over the messages; ends quietly when the socket is closed. */
  iterate(): AsyncIterator<Message, undefined> {
    return this.#iterate((first) => first);
  }

  /** Iterates over the messages in batches; ends quietly when the socket is closed. */
  batches(max?: number): AsyncIterable<Message[]> {
    const most = batchSize(max);
    return { [Symbol.asyncIterator]: () => this.#iterate((first) => this.#batchOf(first, most)) };
  }

  #iterate<T extends readonly unknown[]>(take: (first: Message) => T): AsyncIterator<T, undefined> {
    const pending = new Set<Wait<undefined, Message>>();
    let over = false;
    const end = (error: unknown): IteratorReturnResult<undefined> => {
      if (over || this.#failed !== undefined) return DONE;
      throw error;
    };
    // Not `then`: only `await` leads the stack of an error to the caller on Bun.
    const later = async (wait: Wait<undefined, Message>): Promise<IteratorResult<T, undefined>> => {
      try {
        return { done: false, value: take(await wait.outcome) };
      } catch (error) {
        return end(reasonOf(error));
      } finally {
        pending.delete(wait);
      }
    };
    return {
      next: () => {
        if (over || this.#failed !== undefined) return Promise.resolve(DONE);
        try {
          const first = this.tryReceive();
          if (first !== undefined) return this.#atOnce({ done: false, value: take(first) });
        } catch (error) {
          return Promise.reject(error);
        }
        const wait = this.#wait(undefined);
        pending.add(wait);
        return later(wait);
      },
      // A call that still waits must not take a message that would be lost.
      return: () => {
        over = true;
        for (const wait of pending) wait.reject(undefined);
        return Promise.resolve(DONE);
      },
    };
  }

  #wait(options: WaitOptions | undefined): Wait<undefined, Message> {
    if (this.onWait !== undefined) this.onWait();
    return this.#waits.add(undefined, this.#settings.receiveTimeout, options?.signal);
  }

  async #batchAfter(wait: Wait<undefined, Message>, max: number): Promise<Message[]> {
    try {
      return this.#batchOf(await wait.outcome, max);
    } catch (error) {
      throw reasonOf(error);
    }
  }

  /** A message, and all others that can be received now; calls in line have precedence. */
  #batchOf(first: Message, max: number): Message[] {
    const batch = [first];
    while (batch.length < max && !this.#inLine && this.#failed === undefined) {
      const message = this.#pattern.tryReceive!();
      if (message === undefined) break;
      batch.push(message);
      this.#onReceived?.();
    }
    // For yielding, a batch counts as all its messages; the first one is counted by the caller.
    this.#count += batch.length - 1;
    return batch;
  }

  /** Serves the calls in line after a change. */
  pump(): void {
    if (this.#pumping || this.#held) return;
    if (this.#waits.size > 0) this.#serve();
    // Those in line come first.
    if (this.#watchers.size > 0 && this.readable) { for (const watcher of this.#watchers) watcher.resolve(); }
  }

  /** An earlier caller is served before a new one. */
  get #inLine(): boolean {
    return this.#held || this.#waits.size > 0;
  }

  /** Resolves at once, or where it is the turn of others, in the next turn. */
  #atOnce<T>(result: T): Promise<T> {
    if (++this.#count < AT_ONCE || this.#settings.receiveTimeout === 0) return Promise.resolve(result);
    this.#count = 0;
    // New callers wait in line meanwhile, so that none is served before.
    this.#held = true;
    this.#catchingUp?.behind();
    return new Promise((resolve) => {
      readTurnsOf(this.#clock).later(() => {
        this.#held = false;
        this.#catchingUp?.goesOn();
        resolve(result);
        this.pump();
      });
    });
  }

  #serve(): void {
    this.#pumping = true;
    for (const wait of this.#waits) {
      const message = this.#pattern.tryReceive!();
      if (message === undefined) break;
      wait.resolve(message);
      this.#onReceived?.();
    }
    this.#pumping = false;
  }

  /** Ends all waits, and every later receive, with this error. */
  fail(error: () => Error): void {
    this.#failed = error;
    this.#catchingUp?.drop();
    this.#watchers.rejectAll(error);
    this.#waits.rejectAll(error);
  }
}

function batchSize(max = BATCH): number {
  if (Number.isInteger(max) && max >= 1) return max;
  const given = typeof max === "number" ? `${max}` : `a value of type ${typeName(max)}`;
  throw new RangeError(
    `Cannot receive batches of at most ${given}: the first argument is a whole number of at least 1, the second one is options`,
  );
}
