/**
 * The subscriptions to send to one peer: each between the messages that were queued before and after it; and before all of
 * them every topic of the socket when a connection is made. Each of those is asked for when it goes out, because there may
 * be hundreds of thousands.
 *
 * @module
 */

import { Ring } from "../../routing/ring.ts";
import type { PipeSink } from "./contracts.ts";

/** A subscription that is sent after `after` messages of the pipe's life. */
interface Waiting {
  readonly after: number;
  readonly cancel: boolean;
  readonly topic: Uint8Array;
}

/** A queue of subscriptions and cancels. */
export class SubscriptionQueue {
  /** Nothing waits. */
  empty = true;
  readonly #line = new Ring<Waiting>();
  #all: Iterator<Uint8Array> | undefined;

  /** The number of calls that wait. */
  get length(): number {
    return this.#line.length;
  }

  /** Adds every topic, before everything else. */
  all(topics: Iterator<Uint8Array>): void {
    this.#all = topics;
    this.empty = false;
  }

  /** Adds a subscription or a cancel after `after` messages. */
  push(after: number, cancel: boolean, topic: Uint8Array): void {
    this.#line.push({ after, cancel, topic });
    this.empty = false;
  }

  /** Drops everything. */
  clear(): void {
    this.#line.clear();
    this.#all = undefined;
    this.empty = true;
  }

  /**
   * Moves the subscriptions before the next message into a sink until that is full; `moved` messages are already out.
   */
  moveTo(sink: PipeSink, moved: number): void {
    while (this.#all !== undefined && !sink.full) {
      const { value, done } = this.#all.next();
      if (done === true) this.#all = undefined;
      else sink.subscription(false, value);
    }
    for (
      let next = this.#line.peek();
      next !== undefined && next.after <= moved && !sink.full;
      next = this.#line.peek()
    ) {
      this.#line.shift();
      sink.subscription(next.cancel, next.topic);
    }
    this.empty = this.#all === undefined && this.#line.length === 0;
  }
}
