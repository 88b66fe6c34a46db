/**
 * What is known of the peer that a received message came from: noted on the message itself where connections are secured.
 *
 * @module
 */

import { type Message, toText } from "../base/message.ts";
import type { Metadata } from "./metadata.ts";

interface Notes {
  write(message: Message, metadata: Metadata): void;
  read(message: Message): Metadata | undefined;
}

/** A class whose objects are those that its constructor is given. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/**
 * A private field on a message: not to be seen by who looks at the message's frames, and five to fifteen times faster than
 * `defineProperty`, which was a tenth to a fifth of a receiver's time at 64 B (docs/performance.md).
 */
class Note extends Given {
  #metadata: Metadata;

  constructor(message: Message, metadata: Metadata) {
    super(message);
    this.#metadata = metadata;
  }

  static write(message: Message, metadata: Metadata): void {
    if (#metadata in message) (message as unknown as Note).#metadata = metadata;
    else new Note(message, metadata);
  }

  static read(message: Message): Metadata | undefined {
    return #metadata in message ? (message as unknown as Note).#metadata : undefined;
  }
}

/**
 * The same for every copy of this library in the program, so that one can read what another one noted. It is kept on the
 * class of all messages, because builders of packages replace `globalThis`.
 */
const NOTES = Symbol.for("monocoque.zmq.metadata");
const notes = sharedNotes(Array as { [NOTES]?: Notes });

function sharedNotes(holder: { [NOTES]?: Notes }): Notes {
  // Not enumerable, so that nobody who looks at the class is shown it.
  if (holder[NOTES] === undefined) Object.defineProperty(holder, NOTES, { value: Note });
  return holder[NOTES] ?? Note;
}

/** Notes of whom a message is. */
export function noteMetadata(message: Message, metadata: Metadata): void {
  notes.write(message, metadata);
}

/**
 * The metadata of the peer that a received message came from: what it told in the handshake, and what the authenticator said
 * of it. Names are in lower case. `undefined` if nobody was asked whether the peer may join.
 */
export function metadataOf(message: Message): Metadata | undefined {
  return notes.read(message);
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
