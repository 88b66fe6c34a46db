/**
 * The XSubscriber class: XSUB sockets (RFC 29).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { FORWARDING, type ForwardingOptions, XSubscribePattern } from "../routing/subscribe.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { patternOf } from "./socket.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link XSubscriber}. */
export interface XSubscriberOptions
  extends ForwardingOptions, ReceiveOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

const XSUB: SocketDefinition<XSubscriberOptions, XSubscribePattern> = {
  name: "XSUB",
  title: "XSubscriber",
  // The code of SUB, as libzmq sends it: a strict ZMTP peer could reject a code that RFC 15 does not define.
  code: 2,
  partners: ["PUB", "XPUB"],
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY, ...FORWARDING },
  pattern: (settings) => new XSubscribePattern(settings),
};

/**
 * A subscriber that subscribes by sending messages (RFC 29): a frame of `01` + topic subscribes, `00` + topic
 * unsubscribes; other messages go to every publisher. Together with `XPublisher` it makes a broker.
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
  readonly #pattern = patternOf(this, XSUB);

  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: XSubscriberOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new XSubscriber()", 1, arguments[1]);
    super(XSUB, options);
  }

  /** Number of topics that this socket has subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topicCount;
  }
}

/** The options of a {@link XSubscriber} as properties. */
export interface XSubscriber extends Live<XSubscriberOptions> {}

defineOptions(XSubscriber.prototype, XSUB);
