/**
 * XPUB: a PUB whose user receives the subscriptions and other messages of subscribers, and can manage the subscriptions
 * itself (libzmq xpub.cpp).
 *
 * More than 20 members because a pattern has a method per event of its pipes, and this one both sends and receives.
 *
 * @module
 */

import { flag, frameOrNull, oneOf } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
import { ZmqError } from "../base/errors.ts";
import { option, type OptionGroup, type Values } from "../base/option.ts";
import { subscriptionFrame, subscriptionOf } from "../zmtp/subscription.ts";
import type { PatternHost } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { PublishPattern, type PublishSettings } from "./publish.ts";
import { Ring } from "./ring.ts";
import { Subscribers } from "./subscribers.ts";

/** Options of `XPublisher` about subscriptions. */
export interface SubscriptionEventOptions {
  /**
   * The subscription messages that are received: null, the first subscribe and the last unsubscribe of each topic;
   * `"allSubs"`, every subscribe and the last unsubscribe; `"allSubsUnsubs"`, every one. Default null.
   */
  readonly verbosity?: "allSubs" | "allSubsUnsubs" | null | undefined;
  /**
   * If true, subscriptions of peers have no effect by themselves: `subscribe()` subscribes the peer whose message was
   * received last. Default `false`.
   */
  readonly manual?: boolean | undefined;
  /**
   * As `manual`; in addition, the next message after `subscribe()` goes to that peer only, whichever message that is.
   * For programs written for libzmq: `sendTo()` names the peer, and needs no option. Default `false`.
   */
  readonly manualLastValue?: boolean | undefined;
  /** A one-frame message that is sent to each subscriber when it connects; null for none. Default null. */
  readonly welcomeMessage?: string | Uint8Array | null | undefined;
}

/** Definition of {@link SubscriptionEventOptions}. */
export const SUBSCRIPTION_EVENTS: OptionGroup<SubscriptionEventOptions> = {
  verbosity: option(oneOf("allSubs", "allSubsUnsubs"), null, "next message", "XPUB_VERBOSE", "XPUB_VERBOSER"),
  manual: option(flag, false, "next message", "XPUB_MANUAL"),
  manualLastValue: option(flag, false, "next message", "XPUB_MANUAL_LAST_VALUE"),
  welcomeMessage: option(frameOrNull, null, "next connection", "XPUB_WELCOME_MSG"),
};

/** The options that the pattern reads. */
export type XPublishSettings = PublishSettings & Values<SubscriptionEventOptions>;

/** The behavior of an XPUB socket. */
export class XPublishPattern extends PublishPattern {
  /**
   * The pipes in the order in which their messages arrived: a topic's last unsubscribe must not be received before the
   * first subscribe by another peer.
   */
  readonly #order = new Ring<Pipe>();
  readonly #options: XPublishSettings;
  /** Called with the first subscribe and the last unsubscribe of each topic. */
  onUnion: ((cancel: boolean, topic: Uint8Array) => void) | undefined;
  /** The subscriptions that peers asked for, when the user manages the subscriptions. */
  readonly #asked: Subscribers;
  /** The peer whose message was received last. */
  #last: Pipe | undefined;
  /** The only peer that gets the next message. */
  #only: Pipe | undefined;
  /** The senders of received messages, and of the subscriptions read from them. */
  readonly #senders = new WeakMap<object, Pipe>();

  constructor(options: XPublishSettings) {
    super(options);
    this.#options = options;
    this.#asked = new Subscribers(options);
  }

  override begin(host: PatternHost): void {
    super.begin(host);
    this.#asked.later = (callback) => host.clock.turn(callback);
  }

  override attach(pipe: Pipe): undefined {
    super.attach(pipe);
    const { welcomeMessage } = this.#options;
    if (welcomeMessage !== null && pipe.thread === undefined) pipe.sendFirst([welcomeMessage.slice()]);
  }

  override detach(pipe: Pipe): void {
    const manual = this.#manual;
    const all = this.#options.verbosity === "allSubsUnsubs";
    const cancelled = (topic: Uint8Array, last: boolean) => {
      if (manual || all || last) pipe.deliver([subscriptionFrame(true, topic)]);
      if (last) this.onUnion?.(true, topic);
    };
    this.#asked.leave(pipe, manual ? cancelled : undefined);
    this.subscribers.leave(pipe, manual ? undefined : cancelled);
    if (this.#only === pipe) this.#only = undefined;
    super.detach(pipe);
  }

  delivered(pipe: Pipe): void {
    this.#order.push(pipe);
  }

  override inbound(pipe: Pipe, message: Message): Message | undefined {
    if (pipe.thread !== undefined) return pipe.thread(message);
    const subscription = subscriptionOf(message);
    if (subscription === undefined) return message;
    return this.subscription(pipe, subscription.type === "cancel", subscription.topic);
  }

  override subscription(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined {
    const { verbosity } = this.#options;
    const table = this.#manual ? this.#asked : this.subscribers;
    const news = cancel ? table.remove(pipe, topic) : table.add(pipe, topic);
    if (news) this.onUnion?.(cancel, topic);
    if (!this.#manual) this.onSubscribers();
    // A thread sends each message that the user asked for besides the first and the last one of a topic.
    if (pipe.thread !== undefined) {
      const own = verbosity === null || (verbosity === "allSubs" && cancel);
      return news && own ? [subscriptionFrame(cancel, topic)] : undefined;
    }
    const all = this.#manual || verbosity === "allSubsUnsubs" || (verbosity === "allSubs" && !cancel);
    return news || all ? [subscriptionFrame(cancel, topic)] : undefined;
  }

  override trySend(message: Message): boolean {
    const only = this.#only;
    if (only === undefined || !this.#options.manualLastValue) return super.trySend(message);
    const sent = !this.matching(message)?.has(only) || this.sendTo(new Set([only]), message);
    if (sent) this.#only = undefined;
    return sent;
  }

  tryReceive(): Message | undefined {
    const pipe = this.#order.shift();
    if (pipe === undefined) return undefined;
    this.#last = pipe;
    const message = pipe.tryReceive();
    if (message !== undefined) this.#senders.set(message, pipe);
    return message;
  }

  canReceive(): boolean {
    return this.#order.length > 0;
  }

  /** True if a message was received, so that `subscribeLast` has a peer. */
  get hasReceived(): boolean {
    return this.#last !== undefined;
  }

  /** Subscribes the peer whose message was received last; `false` if that peer has disconnected. */
  subscribeLast(topic: Uint8Array): boolean {
    const last = this.#lastPeer();
    if (last === undefined) return false;
    this.subscribers.add(last, topic);
    this.#only = last;
    this.onSubscribers();
    return true;
  }

  /** Undoes `subscribeLast`; `false` if that peer has disconnected. */
  unsubscribeLast(topic: Uint8Array): boolean {
    const last = this.#lastPeer();
    if (last === undefined) return false;
    this.subscribers.remove(last, topic);
    this.onSubscribers();
    return true;
  }

  /** Notes that a subscription was read from a received message. */
  readFrom(message: Message, subscription: object): void {
    const sender = this.#senders.get(message);
    if (sender !== undefined) this.#senders.set(subscription, sender);
  }

  /** Returns true if this message or subscription was received by this socket. */
  hasSender(received: object): boolean {
    return this.#senders.has(received);
  }

  /** Sends a message to the sender of another one only; `false` if that peer has disconnected or has a full queue. */
  sendBack(received: object, message: Message): boolean {
    const sender = this.#senders.get(received);
    if (sender?.thread !== undefined) throw notByThread("send to one peer");
    return sender !== undefined && this.has(sender) && sender.trySend(message);
  }

  /** The last received message may be from a peer that has disconnected. */
  #lastPeer(): Pipe | undefined {
    if (this.#last?.thread !== undefined) throw notByThread("manage subscriptions");
    return this.#last !== undefined && this.has(this.#last) ? this.#last : undefined;
  }

  get #manual(): boolean {
    return this.#options.manual || this.#options.manualLastValue;
  }
}

function notByThread(what: string): ZmqError {
  return new ZmqError("ENOTSUP", `Cannot ${what} that another thread serves (threads)`);
}
