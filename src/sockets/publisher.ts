/**
 * The Publisher class: PUB sockets (RFC 29).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PUBLISH, type PublishOptions, PublishPattern } from "../routing/publish.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { SendingSocket } from "./sending.ts";
import { coreOf, patternOf } from "./socket.ts";
import { type SubscribersOptions, waitForSubscribers } from "./subscriber_count.ts";

/** Options of {@link Publisher}. */
export interface PublisherOptions extends ConflateOptions, PublishOptions, SendOptions, SocketOptions {}

const PUB: SocketDefinition<PublisherOptions, PublishPattern> = {
  name: "PUB",
  code: 1,
  partners: ["SUB", "XSUB"],
  connectsOnce: true,
  publishes: true,
  options: { ...SOCKET, ...SEND, ...CONFLATE, ...PUBLISH },
  pattern: (settings) => new PublishPattern(settings),
};

/**
 * Sends every message to all peers that subscribed to a prefix of its first frame. Sending never waits: a message that
 * nobody wants, or whose subscriber is full, is dropped.
 *
 * @example
 * ```ts
 * import { Publisher, Subscriber } from "@monocoque/zmq";
 *
 * await using pub = new Publisher();
 * await using sub = new Subscriber();
 * sub.connect(await pub.bind("tcp://127.0.0.1:0"));
 * sub.subscribe("weather.");
 * await pub.waitForSubscribers(1, { topic: "weather." });
 * await pub.send(["weather.oslo", "sunny"]);
 * await sub.receive();
 * ```
 */
export class Publisher extends SendingSocket {
  readonly #pattern = patternOf(this, PUB);

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PublisherOptions = {}) {
    super(PUB, options);
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

/** The options of {@link Publisher} as its properties. */
export interface Publisher extends Live<PublisherOptions> {}

defineOptions(Publisher.prototype, PUB);
