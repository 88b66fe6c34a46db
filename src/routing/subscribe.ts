/**
 * SUB and XSUB: tell every publisher which topics are wanted, again on each new connection, and receive fair-queued
 * (RFC 29; libzmq xsub.cpp, sub.cpp).
 *
 * @module
 */

import type { Message } from "../message.ts";
import { readSubscription } from "../zmtp/subscription.ts";
import { FairQueue } from "./fair_queue.ts";
import type { Pattern } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";
import { Topics } from "./topics.ts";

/** The behaviour of a SUB socket. */
export class SubscribePattern implements Pattern {
  readonly queuesAhead = false;
  protected readonly pipes: Set<Pipe> = new Set<Pipe>();
  protected readonly topics: Topics = new Topics();
  readonly #in = new FairQueue();

  attach(pipe: Pipe): undefined {
    this.pipes.add(pipe);
    for (const topic of this.topics) pipe.subscribe(false, topic);
  }

  detach(pipe: Pipe): void {
    this.pipes.delete(pipe);
  }

  pipeReadable(pipe: Pipe): void {
    this.#in.activate(pipe);
  }

  pipeWritable(): void {}

  /** Asks for a topic; every time is told to the publishers. */
  subscribe(topic: Uint8Array): void {
    this.topics.add(topic);
    for (const pipe of this.pipes) pipe.subscribe(false, topic);
  }

  /** Takes back one `subscribe`; the publishers are told of the last. Returns whether it was the last. */
  unsubscribe(topic: Uint8Array): boolean {
    const last = this.topics.remove(topic);
    if (last) { for (const pipe of this.pipes) pipe.subscribe(true, topic); }
    return last;
  }

  tryReceive(): Message | undefined {
    for (;;) {
      const message = this.#in.receive();
      // A publisher may not have heard of a cancel yet.
      if (message === undefined || this.wants(message)) return message;
    }
  }

  protected wants(message: Message): boolean {
    return this.topics.matches(message[0]!);
  }
}

/** The behaviour of an XSUB socket: its user sends subscriptions as messages, and other messages to all publishers. */
export class XSubscribePattern extends SubscribePattern {
  trySend(message: Message): boolean {
    const subscription = readSubscription(message);
    if (subscription === undefined) {
      for (const pipe of this.pipes) pipe.trySend(message);
    } else if (subscription.cancel) {
      this.unsubscribe(subscription.topic);
    } else {
      this.subscribe(subscription.topic);
    }
    return true;
  }

  protected override wants(): boolean {
    return true;
  }
}
