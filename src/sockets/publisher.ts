/**
 * The Publisher class: PUB sockets (RFC 29).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import { type ThreadOptions, THREADS } from "../engine/options/threads.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PUBLISH, type PublishOptions, PublishPattern } from "../routing/publish.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { SendingSocket } from "./sending.ts";
import { coreOf, patternOf } from "./socket.ts";
import { type SubscribersOptions, waitForSubscribers } from "./subscriber_count.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Publisher}. */
export interface PublisherOptions extends ConflateOptions, PublishOptions, SendOptions, SocketOptions, ThreadOptions {}

const PUB: SocketDefinition<PublisherOptions, PublishPattern> = {
  name: "PUB",
  title: "Publisher",
  code: 1,
  partners: ["SUB", "XSUB"],
  connectsOnce: true,
  publishes: true,
  options: { ...SOCKET, ...SEND, ...CONFLATE, ...PUBLISH, ...THREADS },
  pattern: (settings) => new PublishPattern(settings),
};

/**
 * Sends every message to all peers that subscribed to a prefix of its first frame (RFC 29). A message
 * without subscribers is dropped, and so is a message for a subscriber whose queue is full, unless `noDrop` is set: then
 * sending waits.
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
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PublisherOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Publisher()", 1, arguments[1]);
    super(PUB, options);
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

/** The options of a {@link Publisher} as properties. */
export interface Publisher extends Live<PublisherOptions> {}

defineOptions(Publisher.prototype, PUB);
