/**
 * PUB: every message goes to all peers that subscribed to a prefix of its first frame; who is full misses it
 * (RFC 29; libzmq pub.cpp, xpub.cpp).
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Message } from "../message.ts";
import { Broadcast } from "../zmtp/broadcast.ts";
import { subscriptionOf } from "../zmtp/subscription.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { Subscribers, type TopicLimits } from "./subscribers.ts";

/** What a user may choose. */
export interface PublishChoices extends Partial<TopicLimits> {
  /** Whether sending waits while a peer that wants the message is full. */
  readonly noDrop: boolean;
  /** Whether a message goes to those that did not subscribe to it. */
  readonly invertMatching: boolean;
}

/** The behaviour of a PUB socket. */
export class PublishPattern implements Pattern {
  readonly queuesAhead = false;
  /** Who wants what. */
  readonly subscribers: Subscribers;
  /** Told after every change of `subscribers`. */
  onSubscribers: () => void = () => {};

  readonly #choices: PublishChoices;
  readonly #pipes = new Set<Pipe>();
  readonly #broadcast = new Broadcast();
  /** The sets of pipes that a message goes to, while it is sent. */
  readonly #matched: Set<Pipe>[] = [];
  readonly #collect = (pipes: Set<Pipe>): void => {
    this.#matched.push(pipes);
  };

  constructor(choices: PublishChoices) {
    this.#choices = choices;
    this.subscribers = new Subscribers(choices);
  }

  useClock(clock: Clock): void {
    this.subscribers.later = (callback) => clock.turn(callback);
  }

  attach(pipe: Pipe): undefined {
    this.#pipes.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    this.subscribers.leave(pipe);
    this.onSubscribers();
  }

  pipeReadable(_pipe: Pipe): void {}

  pipeWritable(_pipe: Pipe): void {}

  inbound(pipe: Pipe, message: Message): Message | undefined {
    const subscription = subscriptionOf(message);
    if (subscription !== undefined) {
      return this.subscription(pipe, subscription.type === "cancel", subscription.topic);
    }
    pipe.drop("unexpectedMessage");
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

  /** Whether a pipe is there. */
  protected has(pipe: Pipe): boolean {
    return this.#pipes.has(pipe);
  }

  /** The pipes that get a message, each once. */
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
    return this.#choices.invertMatching ? this.#without(union) : union;
  }

  /** Sends to these pipes; `false` if one of them is full and nothing may be dropped. */
  protected sendTo(pipes: Set<Pipe> | undefined, message: Message): boolean {
    if (pipes === undefined) return true;
    if (this.#choices.noDrop) { for (const pipe of pipes) if (!pipe.writable) return false; }
    if (pipes.size === 1) {
      for (const pipe of pipes) pipe.sendOrDrop(message);
    } else {
      const broadcast = this.#broadcast;
      broadcast.begin(message);
      for (const pipe of pipes) pipe.broadcast(broadcast);
      broadcast.finish();
    }
    return true;
  }

  #present(pipes: Set<Pipe>): Set<Pipe> {
    const present = new Set<Pipe>();
    for (const pipe of pipes) if (!this.subscribers.hasLeft(pipe)) present.add(pipe);
    return present;
  }

  #without(unwanted: Set<Pipe> | undefined): Set<Pipe> {
    const rest = new Set(this.#pipes);
    for (const pipe of unwanted ?? []) rest.delete(pipe);
    return rest;
  }
}
