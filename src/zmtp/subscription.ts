/**
 * Subscriptions on the wire: commands to a ZMTP 3.1 peer, messages to a 3.0 peer (RFC 37 §2.4, RFC 29).
 *
 * @module
 */

import { type Message, toBytes } from "../base/message.ts";
import { encodeCommand } from "./command.ts";
import { encodeFrame } from "./frame.ts";

/** What a peer wants, or no longer wants. */
export interface Subscription {
  /** `cancel`: this peer no longer wants the topic. */
  readonly type: "subscribe" | "cancel";
  /** Messages that start with these bytes; empty means all. */
  readonly topic: Uint8Array;
}

/** The frame that tells a peer of this minor version. */
export function encodeSubscription(cancel: boolean, topic: Uint8Array, minor: number): Uint8Array {
  if (minor >= 1) return encodeCommand(cancel ? "CANCEL" : "SUBSCRIBE", topic);
  return encodeFrame(0, subscriptionFrame(cancel, topic));
}

/** The message form: `01` or `00`, then the topic. It is also what users of XPUB and XSUB see. */
export function subscriptionFrame(cancel: boolean, topic: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + topic.length);
  frame[0] = cancel ? 0 : 1;
  frame.set(topic, 1);
  return frame;
}

/**
 * The subscription in a message that an `XPublisher` received, or `undefined` if the message means something else.
 *
 * @example
 * ```ts
 * import { Subscriber, subscriptionOf, toText, XPublisher } from "@monocoque/zmq";
 *
 * await using pub = new XPublisher();
 * await using sub = new Subscriber();
 * sub.subscribe("news.");
 * sub.connect(await pub.bind("tcp://127.0.0.1:0"));
 * const subscription = subscriptionOf(await pub.receive());
 * console.log(subscription?.type, toText(subscription!.topic)); // subscribe news.
 * ```
 */
export function subscriptionOf(message: Message): Subscription | undefined {
  const frame = message[0]!;
  if (message.length !== 1 || frame.length === 0 || frame[0]! > 1) return undefined;
  return { type: frame[0] === 0 ? "cancel" : "subscribe", topic: frame.subarray(1) };
}

/**
 * The message by which an `XSubscriber` subscribes to a topic or cancels it: the other way round than {@link subscriptionOf}.
 *
 * @param topic Text is taken as UTF-8; empty means all messages.
 * @throws {TypeError} If `type` is neither, or the topic neither a string nor bytes.
 *
 * @example
 * ```ts
 * import { Publisher, subscriptionMessage, toText, XSubscriber } from "@monocoque/zmq";
 *
 * await using pub = new Publisher();
 * await using sub = new XSubscriber();
 * sub.connect(await pub.bind("tcp://127.0.0.1:0"));
 * await sub.send(subscriptionMessage("subscribe", "news."));
 * await pub.waitForSubscribers(1);
 * await pub.send("news.today");
 * console.log(toText((await sub.receive())[0]!)); // news.today
 * ```
 */
export function subscriptionMessage(type: Subscription["type"], topic: string | Uint8Array): Message {
  if (type !== "subscribe" && type !== "cancel") {
    throw new TypeError(`type must be "subscribe" or "cancel", not ${type}`);
  }
  return [subscriptionFrame(type === "cancel", toBytes(topic))];
}
