/**
 * The XPublisher class: XPUB sockets (RFC 29).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import { type ThreadOptions, THREADS } from "../engine/options/threads.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { ZmqError } from "../base/errors.ts";
import { type MessageLike, type Sendable, toBytes } from "../base/message.ts";
import { PUBLISH, type PublishOptions } from "../routing/publish.ts";
import { SUBSCRIPTION_EVENTS, type SubscriptionEventOptions, XPublishPattern } from "../routing/xpublish.ts";
import { type Subscription, subscriptionOf } from "../zmtp/subscription.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { coreOf, patternOf } from "./socket.ts";
import { type SubscribersOptions, waitForSubscribers } from "./subscriber_count.ts";
import { ONE_ARRAY, refuseSurplus } from "../base/surplus.ts";

/** Options of {@link XPublisher}. */
export interface XPublisherOptions
  extends
    PublishOptions,
    ReceiveOptions,
    SendOptions,
    SocketOptions,
    SubscriptionEventOptions,
    ThreadOptions,
    ZeroCopyOptions {}

const XPUB: SocketDefinition<XPublisherOptions, XPublishPattern> = {
  name: "XPUB",
  title: "XPublisher",
  // The code of PUB, as libzmq sends it: a strict ZMTP peer could reject a code that RFC 15 does not define.
  code: 1,
  partners: ["SUB", "XSUB"],
  publishes: true,
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY, ...PUBLISH, ...SUBSCRIPTION_EVENTS, ...THREADS },
  pattern: (settings) => new XPublishPattern(settings),
};

/**
 * A publisher that receives the subscriptions (RFC 29): `01` + topic for the first subscribe of a topic, `00` + topic
 * for the last unsubscribe, and other messages of subscribers. The program must receive them: when
 * `receiveHighWaterMark` messages of a subscriber are queued, reading from it stops, including its later subscriptions.
 * (libzmq queues them without limit.)
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
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XPublisherOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new XPublisher()", 1, arguments[1]);
    super(XPUB, options);
  }

  /** Number of peers with at least one subscription. */
  get subscriberCount(): number {
    return this.#pattern.subscribers.count();
  }

  /** Number of topics with at least one subscriber. */
  get topicsCount(): number {
    return this.#pattern.subscribers.topicCount;
  }

  /**
   * With `manual`: subscribes the peer whose message was received last to these topics, which may differ from those it
   * asked for; a call without topics subscribes it to `""`. With `manualLastValue`, the next message is sent to this
   * peer only.
   *
   * @returns `false` if the peer has disconnected, and nothing was done. With `manualLastValue`, do not send the
   * message for this peer then: it would go to all other subscribers. `sendTo` does not have this problem.
   * @throws {ZmqError} `EFSM` if no message was received yet, `EINVAL` without `manual`.
   */
  subscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#manually("subscribe", topics, (topic) => this.#pattern.subscribeLast(topic));
  }

  /**
   * With `manual`: removes subscriptions of the peer whose message was received last; a call without topics removes
   * `""`.
   *
   * @returns `false` if the peer has disconnected, and nothing was done.
   * @throws {ZmqError} `EFSM` if no message was received yet, `EINVAL` without `manual`.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): boolean {
    return this.#manually("unsubscribe", topics, (topic) => this.#pattern.unsubscribeLast(topic));
  }

  /**
   * Sends a message to one peer only: to the sender of a subscription, for example the last value of its topic, whether
   * or not the peer is subscribed to it. A `Subscriber` receives it if it matches one of its subscriptions. Never waits.
   *
   * To see every subscription, not only the first one of each topic, set `verbosity: "allSubs"`.
   *
   * @param received A subscription of `subscriptions()`, or a received message: the message goes to its sender.
   * @returns `true` if it was queued; `false` if the peer has disconnected or its queue is full.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `received` was not received by this socket, or `message` is not a message.
   *
   * @example
   * ```ts
   * import { Subscriber, toText, XPublisher } from "@monocoque/zmq";
   *
   * await using xpub = new XPublisher({ verbosity: "allSubs" });
   * await using sub = new Subscriber();
   * sub.connect(await xpub.bind("tcp://127.0.0.1:0"));
   * sub.subscribe("weather.");
   * for await (const subscription of xpub.subscriptions()) {
   *   xpub.sendTo(subscription, ["weather.oslo", "sunny"]);
   *   break;
   * }
   * console.log((await sub.receive()).map(toText)); // [ "weather.oslo", "sunny" ]
   * ```
   */
  sendTo<const M extends MessageLike>(
    received: Subscription | readonly Uint8Array[],
    message: M & Sendable<M>,
  ): boolean {
    if (arguments.length > 2) refuseSurplus("sendTo()", 2, arguments[2], ONE_ARRAY);
    const core = coreOf(this);
    core.requireOpen();
    if (!this.#pattern.hasSender(received)) {
      throw new TypeError("Cannot send to this peer: pass a subscription or message that this XPublisher received");
    }
    return this.#pattern.sendBack(received, core.sending.read(message));
  }

  /**
   * Iterates over the subscribes and unsubscribes of the peers until the socket is closed. Other messages of
   * subscribers are skipped: to see them, too, receive messages and read them with `subscriptionOf`. Leaving the loop
   * does not close the socket. The loop throws `EAGAIN` if no message arrives within `receiveTimeout`.
   *
   * By default only the first subscribe and the last unsubscribe of each topic are received; see `verbosity`.
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
    if (arguments.length > 0) refuseSurplus("subscriptions()", 0, arguments[0]);
    // Not a generator: one cannot be left while it waits, and would take a message that no code receives.
    const messages = this[Symbol.asyncIterator]();
    const pattern = this.#pattern;
    return {
      async next() {
        for (;;) {
          const { done, value } = await messages.next();
          if (done) return { done, value: undefined };
          const subscription = subscriptionOf(value);
          if (subscription === undefined) continue;
          pattern.readFrom(value, subscription);
          return { done: false, value: subscription };
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

  /**
   * Applies `act` to each topic for the peer whose message was received last; `false` if that peer has disconnected.
   */
  #manually(what: string, topics: (string | Uint8Array)[], act: (topic: Uint8Array) => boolean): boolean {
    coreOf(this).requireOpen();
    if (!this.manual && !this.manualLastValue) {
      throw new ZmqError("EINVAL", `Cannot ${what}: set the option manual or manualLastValue first`);
    }
    const all = (topics.length === 0 ? [""] : topics).map((topic) => toBytes(topic).slice());
    if (!this.#pattern.hasReceived) {
      throw new ZmqError("EFSM", `Cannot ${what}: receive a message of the peer first`);
    }
    return all.map(act).every(Boolean);
  }

  /**
   * Waits until at least `count` peers have subscribed: to exactly `options.topic`, or to any topic if none is given.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `count` is not a number, or the topic is neither a string nor bytes; {@linkcode RangeError}
   * if `count` is not an integer of at least 0.
   */
  waitForSubscribers(count: number, options?: SubscribersOptions): Promise<void> {
    return waitForSubscribers(coreOf(this), this.#pattern.subscribers, count, options, arguments[2]);
  }
}

/** The options of a {@link XPublisher} as properties. */
export interface XPublisher extends Live<XPublisherOptions> {}

defineOptions(XPublisher.prototype, XPUB);
