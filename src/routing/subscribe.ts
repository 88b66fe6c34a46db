/**
 * SUB and XSUB: tell every publisher which topics are wanted, again on each new connection, and receive fair-queued
 * (RFC 29; libzmq xsub.cpp, sub.cpp).
 *
 * A publisher hears of all topics in the order of their bytes when its pipe is made and after each loss of its connection,
 * and from then on of every call in its turn, whether it is connected or not, as from libzmq.
 *
 * @module
 */

import { flag } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { subscriptionOf } from "../zmtp/subscription.ts";
import { DropCount } from "./drops.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { Topics } from "./topics.ts";

/** Most subscriptions that wait in a pipe for its connection, in the order in which they were made. */
export const MOST_WAITING = 10_000;

/** Options of `Subscriber`. */
export interface FilterOptions {
  /** Whether messages are received that match **no** subscription; publishers must set it, too. Default `false`. */
  readonly invertMatching?: boolean;
}

/** {@link FilterOptions}, defined. */
export const FILTER: OptionGroup<FilterOptions> = {
  invertMatching: option(flag, false, "next message", "INVERT_MATCHING"),
};

/** The behaviour of a SUB socket. */
export class SubscribePattern implements Pattern {
  readonly queuesAhead = true;
  protected readonly pipes: Set<Pipe> = new Set<Pipe>();
  protected readonly topics: Topics = new Topics();
  /** Too much was to be told before there was a connection: these hear of all topics when they have one. */
  readonly #late = new Set<Pipe>();
  readonly #in = new FairQueue();
  readonly #options: Values<FilterOptions>;
  /** Messages that come from this side, whatever is subscribed to. */
  readonly #notices = new WeakSet<Message>();

  constructor(options: Values<FilterOptions>) {
    this.#options = options;
  }

  /** How many topics are subscribed to. */
  get topicCount(): number {
    return this.topics.size;
  }

  attach(pipe: Pipe): undefined {
    this.pipes.add(pipe);
    this.#tellAll(pipe);
  }

  connected(pipe: Pipe): void {
    if (this.#late.delete(pipe)) this.#tellAll(pipe);
  }

  waiting(pipe: Pipe): void {
    this.#late.delete(pipe);
    this.#tellAll(pipe);
  }

  detach(pipe: Pipe): void {
    this.pipes.delete(pipe);
    this.#late.delete(pipe);
  }

  wantsNotice(_pipe: Pipe, notice: Message): boolean {
    this.#notices.add(notice);
    return true;
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  /** Asks for a topic; every time is told to the publishers. */
  subscribe(topic: Uint8Array): void {
    this.topics.add(topic);
    // A copy: it goes out later, and the user's bytes may have changed by then.
    const own = topic.slice();
    for (const pipe of this.pipes) this.#tell(pipe, false, own);
  }

  /** Takes back one `subscribe`; the publishers are told of the last, or of `every`. */
  unsubscribe(topic: Uint8Array, every = false): void {
    if (!this.topics.remove(topic) && !every) return;
    const own = topic.slice();
    for (const pipe of this.pipes) this.#tell(pipe, true, own);
  }

  tryReceive(): Message | undefined {
    for (;;) {
      const message = this.#in.receive();
      // A publisher may not have heard of a cancel yet.
      if (message === undefined || this.wants(message)) return message;
      this.#in.last!.drop("noSubscription");
    }
  }

  canReceive(): boolean {
    for (let next = this.#in.peek(); next !== undefined; next = this.#in.peek()) {
      if (this.wants(next)) return true;
      this.#in.receive();
      this.#in.last!.drop("noSubscription");
    }
    return false;
  }

  #tellAll(pipe: Pipe): void {
    if (this.topics.size === 0 || pipe.subscribeAll(this.topics[Symbol.iterator]())) return;
    if (this.topics.size > MOST_WAITING) return void this.#late.add(pipe);
    for (const topic of this.topics) if (!this.#tell(pipe, false, topic)) return;
  }

  /** Tells a publisher; `false` if it hears of all topics later. */
  #tell(pipe: Pipe, cancel: boolean, topic: Uint8Array): boolean {
    if (this.#late.has(pipe)) return false;
    const told = pipe.subscribe(cancel, topic);
    if (!told) this.#late.add(pipe);
    return told;
  }

  protected wants(message: Message): boolean {
    return this.topics.matches(message[0]!) !== this.#options.invertMatching || this.#notices.has(message);
  }
}

/** Options of `XSubscriber`. */
export interface ForwardingOptions {
  /** Whether every cancel is passed on to the publishers, not just the last of a topic. Default `false`. */
  readonly verboseUnsubscribe?: boolean;
}

/** {@link ForwardingOptions}, defined. */
export const FORWARDING: OptionGroup<ForwardingOptions> = {
  verboseUnsubscribe: option(flag, false, "next message", "XSUB_VERBOSE_UNSUBSCRIBE"),
};

/** The behaviour of an XSUB socket: its user sends subscriptions as messages, and other messages to all publishers. */
export class XSubscribePattern extends SubscribePattern {
  readonly drops: DropCount = new DropCount();
  readonly #options: Values<ForwardingOptions>;

  constructor(options: Values<ForwardingOptions>) {
    super({ invertMatching: false });
    this.#options = options;
  }

  trySend(message: Message): boolean {
    const subscription = subscriptionOf(message);
    if (subscription === undefined) {
      if (this.pipes.size === 0) this.drops.add("noPeer");
      for (const pipe of this.pipes) pipe.sendOrDrop(message);
    } else if (subscription.type === "cancel") {
      this.unsubscribe(subscription.topic, this.#options.verboseUnsubscribe);
    } else {
      this.subscribe(subscription.topic);
    }
    return true;
  }

  canSend(): boolean {
    return true;
  }

  protected override wants(): boolean {
    return true;
  }
}
