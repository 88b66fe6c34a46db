/**
 * PUB and XPUB: every message goes to all peers that subscribed to a prefix of its first frame; who is full misses it
 * (RFC 29; libzmq xpub.cpp).
 *
 * @module
 */

import type { Message } from "../message.ts";
import { readSubscription, subscriptionFrame } from "../zmtp/subscription.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { Subscribers } from "./subscribers.ts";

/** The behaviour of a PUB socket. */
export class PublishPattern implements Pattern {
  readonly queuesAhead = false;
  /** Who wants what. */
  readonly subscribers: Subscribers = new Subscribers();
  /** Told after every change of `subscribers`. */
  onSubscribers: () => void = () => {};

  /** The sets of pipes that a message goes to, while it is sent. */
  readonly #matched: Set<Pipe>[] = [];
  readonly #collect = (pipes: Set<Pipe>): void => {
    this.#matched.push(pipes);
  };

  attach(_pipe: Pipe): undefined {}

  detach(pipe: Pipe): void {
    this.subscribers.removeAll(pipe);
    this.onSubscribers();
  }

  pipeReadable(_pipe: Pipe): void {}

  pipeWritable(_pipe: Pipe): void {}

  inbound(pipe: Pipe, message: Message): Message | undefined {
    const subscription = readSubscription(message);
    return subscription && this.subscription(pipe, subscription.cancel, subscription.topic);
  }

  subscription(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined {
    this.changed(pipe, cancel, topic);
    return undefined;
  }

  trySend(message: Message): boolean {
    const matched = this.#matched;
    this.subscribers.match(message[0]!, this.#collect);
    const first = matched.pop();
    if (first === undefined) return true;
    if (matched.length > 0) return this.#sendToUnion(first, message);
    for (const pipe of first) pipe.trySend(message);
    return true;
  }

  /** A pipe that several of its topics match gets the message once. */
  #sendToUnion(first: Set<Pipe>, message: Message): true {
    const union = new Set(first);
    for (let pipes = this.#matched.pop(); pipes !== undefined; pipes = this.#matched.pop()) {
      for (const pipe of pipes) union.add(pipe);
    }
    for (const pipe of union) pipe.trySend(message);
    return true;
  }

  /** Notes a subscribe or a cancel, and returns whether it is the first or the last of its topic. */
  protected changed(pipe: Pipe, cancel: boolean, topic: Uint8Array): boolean {
    const news = cancel ? this.subscribers.remove(pipe, topic) : this.subscribers.add(pipe, topic);
    this.onSubscribers();
    return news;
  }
}

/** The behaviour of an XPUB socket: its user sees the subscriptions, and what else subscribers send. */
export class XPublishPattern extends PublishPattern {
  readonly #in = new FairQueue();

  override detach(pipe: Pipe): void {
    for (const topic of this.subscribers.removeAll(pipe)) pipe.deliver([subscriptionFrame(true, topic)]);
    this.onSubscribers();
  }

  override pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  override inbound(pipe: Pipe, message: Message): Message | undefined {
    const subscription = readSubscription(message);
    if (subscription === undefined) return message;
    return this.subscription(pipe, subscription.cancel, subscription.topic);
  }

  override subscription(pipe: Pipe, cancel: boolean, topic: Uint8Array): Message | undefined {
    return this.changed(pipe, cancel, topic) ? [subscriptionFrame(cancel, topic)] : undefined;
  }

  tryReceive(): Message | undefined {
    return this.#in.receive();
  }
}
