/**
 * XPUB: a PUB whose user sees the subscriptions and what else subscribers send, and may make the subscriptions himself
 * (libzmq xpub.cpp).
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Message } from "../message.ts";
import { subscriptionFrame, subscriptionOf } from "../zmtp/subscription.ts";
import type { Pipe } from "./pipe.ts";
import { type PublishChoices, PublishPattern } from "./publish.ts";
import { Ring } from "./ring.ts";
import { Subscribers } from "./subscribers.ts";

/** What a user may choose. */
export interface XPublishChoices extends PublishChoices {
  /** Which subscriptions are seen. */
  readonly verbosity: "allSubs" | "allSubsUnsubs" | null;
  /** Whether the user makes the subscriptions. */
  readonly manual: boolean;
  /** Whether what is sent after a subscription that the user made goes to that peer only, once. */
  readonly manualLastValue: boolean;
  /** What each subscriber gets first. */
  readonly welcomeMessage: Uint8Array | null;
}

/** The behaviour of an XPUB socket. */
export class XPublishPattern extends PublishPattern {
  /** Whose message is next: a topic's last cancel must not be seen before its first subscribe by another peer. */
  readonly #order = new Ring<Pipe>();
  readonly #choices: XPublishChoices;
  /** What peers asked for while the user makes the subscriptions. */
  readonly #asked: Subscribers;
  /** The peer whose message was received last. */
  #last: Pipe | undefined;
  /** The one peer that the next message is for. */
  #only: Pipe | undefined;

  constructor(choices: XPublishChoices) {
    super(choices);
    this.#choices = choices;
    this.#asked = new Subscribers(choices);
  }

  override useClock(clock: Clock): void {
    super.useClock(clock);
    this.#asked.later = (callback) => clock.turn(callback);
  }

  override attach(pipe: Pipe): undefined {
    super.attach(pipe);
    const { welcomeMessage } = this.#choices;
    if (welcomeMessage !== null) pipe.greet([welcomeMessage.slice()]);
  }

  override detach(pipe: Pipe): void {
    const manual = this.#manual;
    const all = this.#choices.verbosity === "allSubsUnsubs";
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
    const { verbosity } = this.#choices;
    const table = this.#manual ? this.#asked : this.subscribers;
    const news = cancel ? table.remove(pipe, topic) : table.add(pipe, topic);
    if (!this.#manual) this.onSubscribers();
    const all = this.#manual || verbosity === "allSubsUnsubs" || (verbosity === "allSubs" && !cancel);
    return news || all ? [subscriptionFrame(cancel, topic)] : undefined;
  }

  override trySend(message: Message): boolean {
    const only = this.#only;
    if (only === undefined || !this.#choices.manualLastValue) return super.trySend(message);
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
    return this.#choices.manual || this.#choices.manualLastValue;
  }
}
