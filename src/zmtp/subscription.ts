/**
 * Subscriptions on the wire: commands to ZMTP 3.1 peers, messages to 3.0 peers (RFC 37 §2.4, RFC 29).
 *
 * @module
 */

import { toBytes } from "../base/message.ts";
import type { Bytes } from "../base/received.ts";
import { encodeCommand } from "./command.ts";
import { encodeFrame } from "./frame.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** A subscription, or its end. */
export interface Subscription {
  /** `cancel` ends an earlier subscription. */
  readonly type: "subscribe" | "cancel";
  /** The prefix of the messages; empty for all messages. */
  readonly topic: Bytes;
}

/** Encodes a subscription for a peer of this minor version. */
export function encodeSubscription(cancel: boolean, topic: Uint8Array, minor: number): Uint8Array {
  if (minor >= 1) return encodeCommand(cancel ? "CANCEL" : "SUBSCRIBE", topic);
  return encodeFrame(0, subscriptionFrame(cancel, topic));
}

/** Returns the message form: `01` or `00`, then the topic. XPUB and XSUB sockets receive and send this form. */
export function subscriptionFrame(cancel: boolean, topic: Uint8Array): Uint8Array {
  const frame = new Uint8Array(1 + topic.length);
  frame[0] = cancel ? 0 : 1;
  frame.set(topic, 1);
  return frame;
}

/**
 * Returns the subscription in a message that an `XPublisher` received; `undefined` if the message is something else.
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
export function subscriptionOf(message: readonly Uint8Array[]): Subscription | undefined {
  const frame = message[0]!;
  if (message.length !== 1 || frame.length === 0 || frame[0]! > 1) return undefined;
  return { type: frame[0] === 0 ? "cancel" : "subscribe", topic: frame.subarray(1) as Bytes };
}

/**
 * Returns the message with which an `XSubscriber` subscribes to a topic or unsubscribes from it; the inverse of
 * {@link subscriptionOf}.
 *
 * @param type `subscribe`, or `cancel` to unsubscribe.
 * @param topic The prefix of the messages; a string is encoded as UTF-8. Empty for all messages.
 * @throws {TypeError} If `type` is something else, or if the topic is neither a string nor bytes.
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
 * console.log(toText((await sub.receive())[0])); // news.today
 * ```
 */
export function subscriptionMessage(type: Subscription["type"], topic: string | Uint8Array): [Bytes] {
  if (arguments.length > 2) refuseSurplus("subscriptionMessage()", 2, arguments[2]);
  if (type !== "subscribe" && type !== "cancel") {
    throw new TypeError(`type must be "subscribe" or "cancel", not ${type}`);
  }
  return [subscriptionFrame(type === "cancel", toBytes(topic)) as Bytes];
}
