/**
 * The Subscriber class: SUB sockets (RFC 29).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { NO_BYTES } from "../base/bytes.ts";
import { toBytes } from "../base/message.ts";
import { FILTER, type FilterOptions, SubscribePattern } from "../routing/subscribe.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { ReceivingSocket } from "./receiving.ts";
import { coreOf, patternOf } from "./socket.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Subscriber}. */
export interface SubscriberOptions
  extends ConflateOptions, FilterOptions, ReceiveOptions, SocketOptions, ZeroCopyOptions {}

const SUB: SocketDefinition<SubscriberOptions, SubscribePattern> = {
  name: "SUB",
  title: "Subscriber",
  code: 2,
  partners: ["PUB", "XPUB"],
  connectsOnce: true,
  options: { ...SOCKET, ...RECEIVE, ...ZERO_COPY, ...CONFLATE, ...FILTER },
  pattern: (settings) => new SubscribePattern(settings),
};

/**
 * Receives the messages that start with one of its subscribed topics, from any number of publishers (RFC 29). Without a
 * subscription it receives nothing.
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
 * console.log(toText(text));
 * ```
 */
export class Subscriber extends ReceivingSocket {
  readonly #pattern = patternOf(this, SUB);

  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: SubscriberOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Subscriber()", 1, arguments[1]);
    super(SUB, options);
  }

  /** Number of topics that this socket has subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topicCount;
  }

  /**
   * Subscribes to messages whose first frame starts with one of these topics; `""`, or a call without topics,
   * subscribes to every message. Subscriptions are reference-counted: each `subscribe` needs its own `unsubscribe`.
   * They are sent to every publisher, including those that connect later.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If a topic is neither a string nor bytes; then none of them is subscribed.
   */
  subscribe(...topics: (string | Uint8Array)[]): void {
    coreOf(this).requireOpen();
    for (const topic of bytesOfAll(topics)) this.#pattern.subscribe(topic);
  }

  /**
   * Removes one subscription to each of these topics; a call without topics removes one to `""`. Topics without a
   * subscription are ignored.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If a topic is neither a string nor bytes; then none of them is unsubscribed.
   */
  unsubscribe(...topics: (string | Uint8Array)[]): void {
    coreOf(this).requireOpen();
    for (const topic of bytesOfAll(topics)) this.#pattern.unsubscribe(topic);
  }
}

/** The bytes of all topics, so that a wrong one is found before the first is applied; no topics mean `""`. */
function bytesOfAll(topics: (string | Uint8Array)[]): Uint8Array[] {
  return topics.length === 0 ? [NO_BYTES] : topics.map((topic) => toBytes(topic));
}

/** The options of a {@link Subscriber} as properties. */
export interface Subscriber extends Live<SubscriberOptions> {}

defineOptions(Subscriber.prototype, SUB);
