/**
 * SUB and XSUB: send their subscriptions to every publisher, again on each new connection, and receive fair-queued (RFC
 * 29; libzmq xsub.cpp, sub.cpp).
 *
 * A publisher gets all topics in byte order when its pipe is created and after each loss of its connection. Later calls
 * of `subscribe` and `unsubscribe` are sent in order, connected or not, as libzmq does.
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

/** Maximum number of subscriptions that wait in a pipe for its connection, in the order in which they were made. */
export const MOST_WAITING = 10_000;

/** Options of `Subscriber`. */
export interface FilterOptions {
  /**
   * If true, the messages that match **no** subscription are received; publishers must set the option, too. Default
   * `false`.
   */
  readonly invertMatching?: boolean | undefined;
}

/** Definition of {@link FilterOptions}. */
export const FILTER: OptionGroup<FilterOptions> = {
  invertMatching: option(flag, false, "next message", "INVERT_MATCHING"),
};

/** The behavior of a SUB socket. */
export class SubscribePattern implements Pattern {
  readonly queuesAhead = true;
  protected readonly pipes: Set<Pipe> = new Set<Pipe>();
  protected readonly topics: Topics = new Topics();
  /** Pipes in which too many subscriptions waited for a connection: they get all topics when they have one. */
  readonly #late = new Set<Pipe>();
  readonly #in = new FairQueue();
  readonly #options: Values<FilterOptions>;
  /** Messages that this socket generated, which are received regardless of the subscriptions. */
  readonly #notices = new WeakSet<Message>();

  constructor(options: Values<FilterOptions>) {
    this.#options = options;
  }

  /** Number of subscribed topics. */
  get topicCount(): number {
    return this.topics.size;
  }

  get subscribedToNothing(): boolean {
    return this.topics.size === 0 && !this.#options.invertMatching;
  }

  attach(pipe: Pipe): undefined {
    this.pipes.add(pipe);
    this.#sendAllTopics(pipe);
  }

  connected(pipe: Pipe): void {
    if (this.#late.delete(pipe)) this.#sendAllTopics(pipe);
  }

  waiting(pipe: Pipe): void {
    this.#late.delete(pipe);
    this.#sendAllTopics(pipe);
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

  /** Subscribes to a topic. Every call is sent to the publishers. */
  subscribe(topic: Uint8Array): void {
    this.topics.add(topic);
    // A copy, because it is sent later and the user may have changed the bytes by then.
    const own = topic.slice();
    for (const pipe of this.pipes) this.#sendTopic(pipe, false, own);
  }

  /** Undoes one `subscribe`. Only the last one of a topic is sent to the publishers, unless `every` is set. */
  unsubscribe(topic: Uint8Array, every = false): void {
    if (!this.topics.remove(topic) && !every) return;
    const own = topic.slice();
    for (const pipe of this.pipes) this.#sendTopic(pipe, true, own);
  }

  tryReceive(): Message | undefined {
    for (;;) {
      const message = this.#in.receive();
      // A publisher may not have received an unsubscribe yet.
      if (message === undefined || this.wants(message)) return message;
      this.#in.last!.countDrop("noSubscription");
    }
  }

  canReceive(): boolean {
    for (let next = this.#in.peek(); next !== undefined; next = this.#in.peek()) {
      if (this.wants(next)) return true;
      this.#in.receive();
      this.#in.last!.countDrop("noSubscription");
    }
    return false;
  }

  #sendAllTopics(pipe: Pipe): void {
    if (this.topics.size === 0 || pipe.subscribeAll(this.topics[Symbol.iterator]())) return;
    if (this.topics.size > MOST_WAITING) return void this.#late.add(pipe);
    for (const topic of this.topics) if (!this.#sendTopic(pipe, false, topic)) return;
  }

  /** Sends a subscribe or unsubscribe to a publisher; `false` if that publisher gets all topics later. */
  #sendTopic(pipe: Pipe, cancel: boolean, topic: Uint8Array): boolean {
    if (this.#late.has(pipe)) return false;
    const queued = pipe.subscribe(cancel, topic);
    if (!queued) this.#late.add(pipe);
    return queued;
  }

  protected wants(message: Message): boolean {
    return this.topics.matches(message[0]!) !== this.#options.invertMatching || this.#notices.has(message);
  }
}

/** Options of `XSubscriber`. */
export interface ForwardingOptions {
  /** If true, every unsubscribe is passed on to the publishers, not only the last of each topic. Default `false`. */
  readonly verboseUnsubscribe?: boolean | undefined;
}

/** Definition of {@link ForwardingOptions}. */
export const FORWARDING: OptionGroup<ForwardingOptions> = {
  verboseUnsubscribe: option(flag, false, "next message", "XSUB_VERBOSE_UNSUBSCRIBE"),
};

/** The behavior of an XSUB socket: subscriptions are sent as messages, and other messages go to all publishers. */
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

  /** Usual for a proxy without subscribers. */
  override get subscribedToNothing(): boolean {
    return false;
  }

  protected override wants(): boolean {
    return true;
  }
}
