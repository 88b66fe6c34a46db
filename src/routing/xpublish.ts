/**
 * XPUB: a PUB whose user sees the subscriptions and what else subscribers send, and may make the subscriptions himself
 * (libzmq xpub.cpp).
 *
 * @module
 */

import { flag, frameOrNull, oneOf } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
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
   * Which subscriptions are received: null, the first subscribe and the last cancel of each topic; `"allSubs"`, every subscribe
   * and the last cancel; `"allSubsUnsubs"`, all. Default null.
   */
  readonly verbosity?: "allSubs" | "allSubsUnsubs" | null;
  /** Whether the program itself subscribes the peer whose message was received last, by `subscribe()`. Default `false`. */
  readonly manual?: boolean;
  /** As `manual`, and what is sent after `subscribe()` goes to that one peer, once: the last value of a topic. Default `false`. */
  readonly manualLastValue?: boolean;
  /** A one-frame message that is sent to each subscriber first; null is none. Default null. */
  readonly welcomeMessage?: string | Uint8Array | null;
}

/** {@link SubscriptionEventOptions}, defined. */
export const SUBSCRIPTION_EVENTS: OptionGroup<SubscriptionEventOptions> = {
  verbosity: option(oneOf("allSubs", "allSubsUnsubs"), null, "next message", "XPUB_VERBOSE", "XPUB_VERBOSER"),
  manual: option(flag, false, "next message", "XPUB_MANUAL"),
  manualLastValue: option(flag, false, "next message", "XPUB_MANUAL_LAST_VALUE"),
  welcomeMessage: option(frameOrNull, null, "next connection", "XPUB_WELCOME_MSG"),
};

/** The options that the pattern reads. */
export type XPublishSettings = PublishSettings & Values<SubscriptionEventOptions>;

/** The behaviour of an XPUB socket. */
export class XPublishPattern extends PublishPattern {
  /** Whose message is next: a topic's last cancel must not be seen before its first subscribe by another peer. */
  readonly #order = new Ring<Pipe>();
  readonly #options: XPublishSettings;
  /** What peers asked for while the user makes the subscriptions. */
  readonly #asked: Subscribers;
  /** The peer whose message was received last. */
  #last: Pipe | undefined;
  /** The one peer that the next message is for. */
  #only: Pipe | undefined;

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
    if (welcomeMessage !== null) pipe.greet([welcomeMessage.slice()]);
  }

  override detach(pipe: Pipe): void {
    const manual = this.#manual;
    const all = this.#options.verbosity === "allSubsUnsubs";
    const cancelled = (topic: Uint8Array, last: boolean) => {
      if (manual || all || last) pipe.deliver([subscriptionFrame(true, topic)]);
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
    const subscription = subscriptionOf(message);
    if (subscription === undefined) return message;
    return this.subscription(pipe, subscription.type === "cancel", subscription.topic);
  }

  override subscription(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined {
    const { verbosity } = this.#options;
    const table = this.#manual ? this.#asked : this.subscribers;
    const news = cancel ? table.remove(pipe, topic) : table.add(pipe, topic);
    if (!this.#manual) this.onSubscribers();
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
    return pipe.tryReceive();
  }

  canReceive(): boolean {
    return this.#order.length > 0;
  }

  /** Whether anything was received, so that there is a peer whose message was the last. */
  get heard(): boolean {
    return this.#last !== undefined;
  }

  /** Subscribes the peer whose message was received last; `false` if it is gone. */
  subscribeLast(topic: Uint8Array): boolean {
    const last = this.#lastPeer();
    if (last === undefined) return false;
    this.subscribers.add(last, topic);
    this.#only = last;
    this.onSubscribers();
    return true;
  }

  /** Takes back what `subscribeLast` did; `false` if the peer is gone. */
  unsubscribeLast(topic: Uint8Array): boolean {
    const last = this.#lastPeer();
    if (last === undefined) return false;
    this.subscribers.remove(last, topic);
    this.onSubscribers();
    return true;
  }

  /** What is received may be of a peer that is gone. */
  #lastPeer(): Pipe | undefined {
    return this.#last !== undefined && this.has(this.#last) ? this.#last : undefined;
  }

  get #manual(): boolean {
    return this.#options.manual || this.#options.manualLastValue;
  }
}
