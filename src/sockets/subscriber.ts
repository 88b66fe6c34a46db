/**
 * The Subscriber class: SUB sockets (RFC 29).
 *
 * @module
 */

import type {
  ConflateOptions,
  FilterOptions,
  ReceiveOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { toBytes } from "../message.ts";
import { SubscribePattern } from "../routing/subscribe.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { ReceivingSocket } from "./receiving.ts";
import { coreOf } from "./socket.ts";

/** Options of {@link Subscriber}. */
export interface SubscriberOptions
  extends ConflateOptions, FilterOptions, ReceiveOptions, SocketOptions, ZeroCopyOptions {}

/**
 * Receives the messages that start with a topic it subscribed to, from any number of publishers. Without a subscription
 * it receives nothing.
 *
 * @example
 * ```ts
 * import { Publisher, Subscriber, toText } from "@monocoque/zmq";
 *
 * await using pub = new Publisher();
 * await using sub = new Subscriber();
 * sub.connect(await pub.bind("tcp://127.0.0.1:0"));
 * sub.subscribe("news.", "weather.");
 * await pub.waitForSubscribers(1, { topic: "weather." });
 * await pub.send("weather.oslo: sunny");
 * const [text] = await sub.receive();
 * console.log(toText(text!));
 * ```
 */
export class Subscriber extends ReceivingSocket {
  readonly #pattern: SubscribePattern;

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: SubscriberOptions = {}) {
    const settings = settle("SUB", options);
    const pattern = new SubscribePattern(settings);
    super("SUB", pattern, settings, options.context);
    this.#pattern = pattern;
  }

  /** How many topics this socket has subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topicCount;
  }

  /**
   * Subscribes to messages whose first frame starts with one of these topics; `""`, or no topic at all, means every
   * message. Subscriptions are counted: each wants an `unsubscribe` of its own. They are told again to every publisher
   * that connects later.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  subscribe(...topics: (string | Uint8Array)[]): void {
    coreOf(this).requireOpen();
    for (const topic of topics.length === 0 ? [""] : topics) this.#pattern.subscribe(toBytes(topic));
  }

  /**
   * Takes back a subscription to each of these topics; no topic at all means `""`. A topic that was not subscribed to is
   * passed over.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): void {
    coreOf(this).requireOpen();
    for (const topic of topics.length === 0 ? [""] : topics) this.#pattern.unsubscribe(toBytes(topic));
  }
}

/** The options of {@link Subscriber} as its properties. */
export interface Subscriber extends Live<SubscriberOptions> {}

defineOptions(Subscriber.prototype, "SUB");
