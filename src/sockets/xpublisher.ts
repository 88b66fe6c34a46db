/**
 * The XPublisher class: XPUB sockets (RFC 29).
 *
 * @module
 */

import type { ReceiveOptions, SendOptions, SocketOptions } from "../engine/options.ts";
import { XPublishPattern } from "../routing/publish.ts";
import { DuplexSocket } from "./duplex.ts";
import { coreOf } from "./socket.ts";
import { type SubscribersOptions, waitForSubscribers } from "./subscriber_count.ts";

/** Options of {@link XPublisher}. */
export interface XPublisherOptions extends ReceiveOptions, SendOptions, SocketOptions {}

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
  readonly #pattern: XPublishPattern;

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XPublisherOptions = {}) {
    const pattern = new XPublishPattern();
    super("XPUB", pattern, options);
    this.#pattern = pattern;
    pattern.onSubscribers = () => coreOf(this).peersChanged();
  }

  /** How many peers have subscribed to anything. */
  get subscriberCount(): number {
    return this.#pattern.subscribers.count();
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
