/**
 * PUB: sends every message to all peers that subscribed to a prefix of its first frame; peers with a full queue miss it
 * (RFC 29; libzmq pub.cpp, xpub.cpp).
 *
 * @module
 */

import { flag, wholeNumber } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { Broadcast } from "../zmtp/broadcast.ts";
import { subscriptionOf } from "../zmtp/subscription.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { DEFAULT_TOPIC_LIMITS, Subscribers, type TopicLimits } from "./subscribers.ts";

/** Options of socket types that publish. */
export interface PublishOptions {
  /**
   * If true, sending waits while the queue of a subscriber to the message is full, instead of dropping the message for
   * that subscriber. Default `false`.
   */
  readonly noDrop?: boolean | undefined;
  /**
   * If true, a message goes to the peers that did **not** subscribe to it; subscribers must set the option, too.
   * Default `false`.
   */
  readonly invertMatching?: boolean | undefined;
  /**
   * Maximum number of topics per subscriber. A subscriber that exceeds it is disconnected; its `disconnect` event has
   * the reason, and it reconnects with increasing back-off. A change applies to the next subscription. Default 1000000
   * (libzmq: no limit).
   */
  readonly maxTopics?: number | undefined;
  /**
   * Maximum number of bytes that the topics of one subscriber may use, counted as 320 bytes plus its length per topic.
   * Exceeding it has the same effect as exceeding `maxTopics`. Default 256 MiB: 745,000 topics of 40 bytes.
   */
  readonly maxTopicBytes?: number | undefined;
}

/** Definition of {@link PublishOptions}. */
export const PUBLISH: OptionGroup<PublishOptions> = {
  noDrop: option(flag, false, "next message", "XPUB_NODROP"),
  invertMatching: option(flag, false, "next message", "INVERT_MATCHING"),
  maxTopics: option(wholeNumber(1), DEFAULT_TOPIC_LIMITS.maxTopics, "next message"),
  maxTopicBytes: option(wholeNumber(1), DEFAULT_TOPIC_LIMITS.maxTopicBytes, "next message"),
};

/** The options that the pattern reads; limits that are left out have the defaults of the options. */
export type PublishSettings = Omit<Values<PublishOptions>, keyof TopicLimits> & Partial<TopicLimits>;

/** The behavior of a PUB socket. */
export class PublishPattern implements Pattern {
  readonly queuesAhead = false;
  /** The subscriptions of all peers. */
  readonly subscribers: Subscribers;
  /** Called after every change of `subscribers`. */
  onSubscribers: () => void = () => {};

  /** Reports the first message without any peer. */
  #nobody: (() => void) | undefined;
  readonly #options: PublishSettings;
  readonly #pipes = new Set<Pipe>();
  readonly #broadcast = new Broadcast();
  /** The sets of pipes that match the message that is being sent. */
  readonly #matched: Set<Pipe>[] = [];
  readonly #collect = (pipes: Set<Pipe>): void => {
    this.#matched.push(pipes);
  };

  constructor(options: PublishSettings) {
    this.#options = options;
    this.subscribers = new Subscribers(options);
  }

  begin(host: PatternHost): void {
    this.onSubscribers = () => host.subscribersChanged();
    this.#nobody = () => host.sentToNobody?.();
    this.subscribers.later = (callback) => host.clock.turn(callback);
  }

  attach(pipe: Pipe): undefined {
    this.#pipes.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.subscribers.leave(pipe);
    this.onSubscribers();
  }

  inbound(pipe: Pipe, message: Message): Message | undefined {
    if (pipe.thread !== undefined) return pipe.thread(message);
    const subscription = subscriptionOf(message);
    if (subscription !== undefined) {
      return this.subscription(pipe, subscription.type === "cancel", subscription.topic);
    }
    pipe.countDrop("unexpectedMessage");
    return undefined;
  }

  subscription(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined {
    if (cancel) this.subscribers.remove(pipe, topic);
    else this.subscribers.add(pipe, topic);
    this.onSubscribers();
    return undefined;
  }

  trySend(message: Message): boolean {
    return this.sendTo(this.matching(message), message);
  }

  canSend(): boolean {
    return true;
  }

  /** Returns true if the pipe is attached. */
  protected has(pipe: Pipe): boolean {
    return this.#pipes.has(pipe);
  }

  /** Returns the pipes that get a message, each once. */
  protected matching(message: Message): Set<Pipe> | undefined {
    const matched = this.#matched;
    this.subscribers.match(message[0]!, this.#collect);
    let union = matched.pop();
    if (union !== undefined && matched.length > 0) {
      union = new Set(union);
      for (let pipes = matched.pop(); pipes !== undefined; pipes = matched.pop()) {
        for (const pipe of pipes) union.add(pipe);
      }
    }
    if (union !== undefined && this.subscribers.leaving) union = this.#present(union);
    return this.#options.invertMatching ? this.#without(union) : union;
  }

  /** Sends to these pipes; `false` if one of them is full and `noDrop` is set. */
  protected sendTo(pipes: Set<Pipe> | undefined, message: Message): boolean {
    if (pipes === undefined) {
      if (this.#nobody !== undefined && this.#pipes.size === 0) {
        this.#nobody();
        this.#nobody = undefined;
      }
      return true;
    }
    if (this.#options.noDrop) { for (const pipe of pipes) if (!pipe.writable) return false; }
    if (pipes.size === 1) {
      for (const pipe of pipes) pipe.sendOrDrop(message);
    } else {
      const broadcast = this.#broadcast;
      broadcast.begin(message);
      for (const pipe of pipes) pipe.broadcast(broadcast);
      broadcast.release();
    }
    return true;
  }

  #present(pipes: Set<Pipe>): Set<Pipe> {
    const present = new Set<Pipe>();
    for (const pipe of pipes) if (!this.subscribers.hasLeft(pipe)) present.add(pipe);
    return present;
  }

  #without(unwanted: Set<Pipe> | undefined): Set<Pipe> | undefined {
    const rest = new Set(this.#pipes);
    // A thread has other subscribers as well, and inverts for them.
    for (const pipe of unwanted ?? []) if (pipe.thread === undefined) rest.delete(pipe);
    return rest.size === 0 ? undefined : rest;
  }
}
