/**
 * What is known of the peer that a received message came from: noted on the message itself where connections are secured.
 *
 * @module
 */

import { type Message, toText } from "../message.ts";
import type { Metadata } from "./metadata.ts";

/** The same for every copy of this library in the program. */
const METADATA = Symbol.for("monocoque.zmq.metadata");

interface Noted {
  readonly [METADATA]?: Metadata;
}

/** Notes of whom a message is. */
export function noteMetadata(message: Message, metadata: Metadata): void {
  // Not to be seen by who looks at the message's frames.
  Object.defineProperty(message, METADATA, { value: metadata });
}

/**
 * The metadata of the peer that a received message came from: what it told in the handshake, and what the authenticator said
 * of it. Names are in lower case. `undefined` if nobody was asked whether the peer may join.
 */
export function metadataOf(message: Message): Metadata | undefined {
  return (message as Noted)[METADATA];
}

/**
 * Who sent a received message, as the authenticator called that peer (`userId`); `undefined` if it did not, or nobody was
 * asked.
 *
 * @example
 * ```ts
 * import { Dealer, Router, userIdOf } from "@monocoque/zmq";
 *
 * await using router = new Router({
 *   plainServer: true,
 *   authenticate: ({ username, password }) => password === "secret" && { userId: `staff/${username}` },
 * });
 * await using dealer = new Dealer({ plainUsername: "ann", plainPassword: "secret" });
 * dealer.connect(await router.bind("tcp://127.0.0.1:0"));
 * await dealer.send("hello");
 * if (userIdOf(await router.receive()) !== "staff/ann") throw new Error("unexpected");
 * ```
 */
export function userIdOf(message: Message): string | undefined {
  const userId = metadataOf(message)?.get("user-id");
  return userId && toText(userId);
}
