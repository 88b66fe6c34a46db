/**
 * The XPublisher class: XPUB sockets (RFC 29).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { ZmqError } from "../base/errors.ts";
import { toBytes } from "../base/message.ts";
import { PUBLISH, type PublishOptions } from "../routing/publish.ts";
import { SUBSCRIPTION_EVENTS, type SubscriptionEventOptions, XPublishPattern } from "../routing/xpublish.ts";
import { type Subscription, subscriptionOf } from "../zmtp/subscription.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { coreOf, patternOf } from "./socket.ts";
import { type SubscribersOptions, waitForSubscribers } from "./subscriber_count.ts";

/** Options of {@link XPublisher}. */
export interface XPublisherOptions
  extends PublishOptions, ReceiveOptions, SendOptions, SocketOptions, SubscriptionEventOptions, ZeroCopyOptions {}

const XPUB: SocketDefinition<XPublisherOptions, XPublishPattern> = {
  name: "XPUB",
  // The number of a PUB: a strict peer could refuse one that RFC 15 does not have, such as libzmq tells.
  code: 1,
  partners: ["SUB", "XSUB"],
  publishes: true,
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY, ...PUBLISH, ...SUBSCRIPTION_EVENTS },
  pattern: (settings) => new XPublishPattern(settings),
};

/**
 * A publisher that sees the subscriptions: it receives `01` + topic for the first subscribe of a topic and `00` + topic for
 * its last cancel, and whatever else subscribers send. These must be received: a subscriber of which `receiveHighWaterMark`
 * messages wait is not read any more, its later subscriptions included. (libzmq lets them pile up.)
 *
 * @example
 * ```ts
 * import { Subscriber, XPublisher } from "@monocoque/zmq";
 *
 * await using xpub = new XPublisher();
 * await using sub = new Subscriber();
 * sub.connect(await xpub.bind("tcp://127.0.0.1:0"));
 * sub.subscribe("a");
 * const [event] = await xpub.receive();
 * console.log(event); // Uint8Array [ 1, 97 ]
 * ```
 */
export class XPublisher extends DuplexSocket {
  readonly #pattern = patternOf(this, XPUB);

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XPublisherOptions = {}) {
    super(XPUB, options);
  }

  /** How many peers have subscribed to anything. */
  get subscriberCount(): number {
    return this.#pattern.subscribers.count();
  }

  /** How many topics anybody has subscribed to. */
  get topicsCount(): number {
    return this.#pattern.subscribers.topicCount;
  }

  /**
   * With `manual`: subscribes the peer whose message was received last to these topics, which need not be those it asked for;
   * no topic at all means `""`. With `manualLastValue` the next message that is sent goes to this peer only.
   *
   * @returns Whether the peer is still there: if it is gone nothing happens, and with `manualLastValue` a message that was meant
   * for it should not be sent: it would go to all others.
   * @throws {ZmqError} `EFSM` if no message was received yet, `EINVAL` without `manual`.
   */
  subscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#manually("subscribe", topics, (topic) => this.#pattern.subscribeLast(topic));
  }

  /**
   * With `manual`: takes back subscriptions of the peer whose message was received last; no topic at all means `""`.
   *
   * @returns Whether the peer is still there. If it is gone nothing happens.
   * @throws {ZmqError} `EFSM` if no message was received yet, `EINVAL` without `manual`.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#manually("unsubscribe", topics, (topic) => this.#pattern.unsubscribeLast(topic));
  }

  /**
   * Iterates over what subscribers want and no longer want, until the socket is closed. What subscribers send besides is
   * received and passed over: to see that, too, receive it and read it with `subscriptionOf`. Leaving the loop does not close
   * the socket. A loop to which nothing comes within `receiveTimeout` throws `EAGAIN`.
   *
   * By default the first subscribe of a topic and its last cancel are told; `verbosity` has more told.
   *
   * @example
   * ```ts
   * import { Subscriber, toText, XPublisher } from "@monocoque/zmq";
   *
   * await using xpub = new XPublisher();
   * await using sub = new Subscriber();
   * sub.connect(await xpub.bind("tcp://127.0.0.1:0"));
   * sub.subscribe("a");
   * for await (const { type, topic } of xpub.subscriptions()) {
   *   console.log(type, toText(topic)); // subscribe a
   *   break;
   * }
   * ```
   */
  subscriptions(): AsyncIterableIterator<Subscription> {
    // Not a generator: that could not be left while it waits, and would take a message that nobody sees.
    const messages = this[Symbol.asyncIterator]();
    return {
      async next() {
        for (;;) {
          const { done, value } = await messages.next();
          if (done) return { done, value: undefined };
          const subscription = subscriptionOf(value);
          if (subscription !== undefined) return { done: false, value: subscription };
        }
      },
      async return() {
        await messages.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Does something to the peer whose message was received last, topic by topic; `false` if it is gone. */
  #manually(what: string, topics: (string | Uint8Array)[], act: (topic: Uint8Array) => boolean): boolean {
    coreOf(this).requireOpen();
    if (!this.manual && !this.manualLastValue) {
      throw new ZmqError("EINVAL", `Cannot ${what}: peers do that themselves, unless manual is set`);
    }
    const all = (topics.length === 0 ? [""] : topics).map((topic) => toBytes(topic).slice());
    if (!this.#pattern.heard) {
      throw new ZmqError("EFSM", `Cannot ${what}: there is no peer whose message was received last`);
    }
    return all.map(act).every(Boolean);
  }

  /**
   * Waits until at least `count` peers have subscribed: to exactly `options.topic`, or to anything if none is given.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `count` is not a number or the topic neither a string nor bytes; a {@linkcode RangeError} if `count`
   * is not a whole number of at least 0.
   */
  waitForSubscribers(count: number, options?: SubscribersOptions): Promise<void> {
    return waitForSubscribers(coreOf(this), this.#pattern.subscribers, count, options);
  }
}

/** The options of {@link XPublisher} as its properties. */
export interface XPublisher extends Live<XPublisherOptions> {}

defineOptions(XPublisher.prototype, XPUB);
