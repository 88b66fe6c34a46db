/**
 * The XSubscriber class: XSUB sockets (RFC 29).
 *
 * @module
 */

import type {
  ForwardingOptions,
  ReceiveOptions,
  SendOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { XSubscribePattern } from "../routing/subscribe.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";

/** Options of {@link XSubscriber}. */
export interface XSubscriberOptions
  extends ForwardingOptions, ReceiveOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

/**
 * A subscriber that subscribes by sending: `01` + topic subscribes, `00` + topic cancels, as one-frame messages; other
 * messages go to every publisher. With `XPublisher` it makes a broker.
 *
 * @example
 * ```ts
 * import { Publisher, XSubscriber } from "@monocoque/zmq";
 *
 * await using pub = new Publisher();
 * await using xsub = new XSubscriber();
 * xsub.connect(await pub.bind("tcp://127.0.0.1:0"));
 * await xsub.send("\x01news.");
 * await pub.waitForSubscribers(1);
 * await pub.send("news.today");
 * await xsub.receive();
 * ```
 */
export class XSubscriber extends DuplexSocket {
  readonly #pattern: XSubscribePattern;

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XSubscriberOptions = {}) {
    const settings = settle("XSUB", options);
    const pattern = new XSubscribePattern(settings);
    super("XSUB", pattern, settings, options.context);
    this.#pattern = pattern;
  }

  /** How many topics this socket has subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topicCount;
  }
}

/** The options of {@link XSubscriber} as its properties. */
export interface XSubscriber extends Live<XSubscriberOptions> {}

defineOptions(XSubscriber.prototype, "XSUB");
