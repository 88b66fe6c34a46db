/**
 * The XSubscriber class: XSUB sockets (RFC 29).
 *
 * @module
 */

import type { ReceiveOptions, SendOptions, SocketOptions } from "../engine/options.ts";
import { XSubscribePattern } from "../routing/subscribe.ts";
import { DuplexSocket } from "./duplex.ts";

/** Options of {@link XSubscriber}. */
export interface XSubscriberOptions extends ReceiveOptions, SendOptions, SocketOptions {}

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
  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XSubscriberOptions = {}) {
    super("XSUB", new XSubscribePattern(), options);
  }
}
