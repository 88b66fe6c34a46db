/**
 * Every compatible pair of socket types, both bind sides, with frames of every kind of length: this library in this process
 * against a peer process, or against itself. A table drives it; the conversation follows from the two types.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { test } from "../support/harness.ts";
import type { End, EndOptions, EndType } from "../support/peers/end.ts";
import { OurEnd, type OurOptions } from "../support/peers/our_end.ts";
import { bytes, text } from "./frames.ts";
import type { OtherSide } from "./other_side.ts";
import { publishUntilHeard } from "./publish_until_heard.ts";
import { AUTHENTICATE, CLIENT_OPTIONS, type MechanismName, SERVER_OPTIONS } from "./secured.ts";

/** One-frame, multipart and empty messages, frames around the length byte's limit, and large ones. */
const MESSAGES: readonly Uint8Array[][] = [
  [text("hello")],
  [text("a"), text("multipart"), text("message")],
  [text("")],
  [text("empty"), text(""), text("inside")],
  [text(""), text("")],
  [bytes(255)],
  [bytes(256)],
  [bytes(255), bytes(256), bytes(65_536)],
  [bytes(1 << 20)],
  [text("large"), bytes(1 << 20), text("between")],
];

/** The pairs; each is tested in both roles. The first starts. */
const PAIRS = {
  "REQ-REP": ["REQ", "REP"],
  "REQ-ROUTER": ["REQ", "ROUTER"],
  "DEALER-REP": ["DEALER", "REP"],
  "DEALER-DEALER": ["DEALER", "DEALER"],
  "DEALER-ROUTER": ["DEALER", "ROUTER"],
  "ROUTER-ROUTER": ["ROUTER", "ROUTER"],
  "PUB-SUB": ["PUB", "SUB"],
  "PUB-XSUB": ["PUB", "XSUB"],
  "XPUB-SUB": ["XPUB", "SUB"],
  "XPUB-XSUB": ["XPUB", "XSUB"],
  "PUSH-PULL": ["PUSH", "PULL"],
  "PAIR-PAIR": ["PAIR", "PAIR"],
} as const satisfies Readonly<Record<string, readonly [first: EndType, second: EndType]>>;

/** The name of a pair of socket types that can talk. */
export type PairName = keyof typeof PAIRS;

/** All of them. */
export const EVERY_PAIR: readonly PairName[] = Object.keys(PAIRS) as PairName[];

/** The transport of the conversations. */
export interface Carrier {
  /** For the names of tests. */
  readonly name: string;
  /** A free endpoint to bind. */
  endpoint(): string;
  /** Default: none. */
  readonly security?: { readonly mechanism: MechanismName; readonly server: "binder" | "connector" };
}

const TCP: Carrier = { name: "tcp", endpoint: () => "tcp://127.0.0.1:0" };

/** Secured conversations over TCP: the server is the socket that binds, or the one that connects. */
export function securedBy(mechanism: MechanismName, server: "binder" | "connector" = "binder"): Carrier {
  return { ...TCP, name: `tcp by ${mechanism}, the ${server} is the server`, security: { mechanism, server } };
}

const THIS_PROCESS: OtherSide = {
  kind: "this process",
  open: (type, options) => Promise.resolve(new OurEnd(type, options)),
};

/** A socket with the routing id that its peer knows it by. */
interface Party {
  readonly end: End;
  readonly id: Uint8Array;
}

/** Declares the tests of these pairs against this peer. */
export function testPairs(peer: OtherSide, pairs: readonly PairName[], carrier: Carrier = TCP): void {
  for (const pair of pairs) {
    const [first, second]: readonly [EndType, EndType] = PAIRS[pair];
    testRole(peer, carrier, first, second, true);
    if (first !== second) testRole(peer, carrier, second, first, false);
  }
}

/** Declares the tests of all pairs with both sockets in this process; that both roles are ours needs no test of its own. */
export function testPairsWithin(carrier: Carrier): void {
  for (const [first, second] of Object.values(PAIRS)) testRole(THIS_PROCESS, carrier, first, second, true);
}

/** Returns whether two socket types can talk. */
export function canTalk(a: EndType, b: EndType): boolean {
  return `${a}-${b}` in PAIRS || `${b}-${a}` in PAIRS;
}

function testRole(peer: OtherSide, carrier: Carrier, ourType: EndType, theirType: EndType, weStart: boolean): void {
  for (const binder of ["ours", "theirs"] as const) {
    test(`our ${ourType} and ${theirType} of ${peer.kind} over ${carrier.name}: ${binder} binds`, async () => {
      const security = securityOf(carrier, binder);
      await using ours = new OurEnd(ourType, { ...optionsOf(ourType, "ours"), ...security.ours });
      await using theirs = await peer.open(theirType, { ...optionsOf(theirType, "theirs"), ...security.theirs });
      if (binder === "ours") await theirs.connect(await ours.bind(carrier.endpoint()));
      else await ours.connect(await theirs.bind(carrier.endpoint()));
      await Promise.all([ours.seen("handshake", 1), theirs.seen("handshake", 1)]);
      const us = { end: ours, id: text("ours") };
      const them = { end: theirs, id: text("theirs") };
      if (weStart) await converse(us, them);
      else await converse(them, us);
    });
  }
}

function securityOf({ security }: Carrier, binder: "ours" | "theirs"): { ours: OurOptions; theirs: EndOptions } {
  if (security === undefined) return { ours: {}, theirs: {} };
  const { mechanism, server } = security;
  const [asServer, asClient] = [SERVER_OPTIONS[mechanism], CLIENT_OPTIONS[mechanism]];
  if ((binder === "ours") === (server === "binder")) {
    return { ours: { ...asServer, ...AUTHENTICATE }, theirs: asClient };
  }
  return { ours: asClient, theirs: asServer };
}

function optionsOf(type: EndType, id: string): EndOptions {
  return ["REQ", "DEALER", "ROUTER"].includes(type) ? { routingId: id } : {};
}

async function converse(first: Party, second: Party): Promise<void> {
  switch (first.end.type) {
    case "REQ":
      return await alternate(first, second);
    case "PUB":
    case "XPUB":
      return await publish(first, second);
    case "PUSH":
      return await stream(first, second, MESSAGES);
    default:
      if (second.end.type === "REP") return await alternate(first, second);
      await stream(first, second, MESSAGES);
      return await stream(second, first, MESSAGES);
  }
}

/** A request, then its reply. */
async function alternate(first: Party, second: Party): Promise<void> {
  for (const message of MESSAGES) {
    await stream(first, second, [message]);
    await stream(second, first, [[...message].reverse()]);
  }
}

/** All messages one way, without waiting for one to arrive before the next is sent. */
async function stream(from: Party, to: Party, messages: readonly Uint8Array[][]): Promise<void> {
  const sent = (async () => {
    for (const message of messages) await from.end.send([...envelope(from, to, to), ...message]);
  })();
  for (const message of messages) {
    assertEquals(await to.end.receive(), [...envelope(to, from, from), ...message]);
  }
  await sent;
}

/** The frames before a message that `user` sees: a ROUTER's address of `other`, and the delimiter of REQ and REP. */
function envelope(user: Party, other: Party, address: Party): Uint8Array[] {
  const addressed = user.end.type === "ROUTER" ? [address.id] : [];
  const bare = user.end.type === "ROUTER" || user.end.type === "DEALER";
  const delimited = other.end.type === "REQ" || other.end.type === "REP";
  return bare && delimited ? [...addressed, text("")] : addressed;
}

async function publish(publisher: Party, subscriber: Party): Promise<void> {
  await subscribe(publisher.end, subscriber.end);
  await stream(publisher, subscriber, MESSAGES);
  if (publisher.end.type === "XPUB" && subscriber.end.type === "XSUB") {
    // Other messages than subscriptions are sent unchanged. libzmq takes every frame that begins with 00 or 01 for a
    // subscription.
    await stream(subscriber, publisher, [[text("up")], [text("up"), text("x".repeat(256))]]);
  }
}

/** Subscribes to everything, and returns when that has reached the publisher. */
async function subscribe(publisher: End, subscriber: End): Promise<void> {
  if (subscriber.type === "SUB") await subscriber.subscribe("");
  else await subscriber.send([new Uint8Array([1])]);
  if (publisher.type === "PUB") return await publishUntilHeard(publisher, subscriber);
  // A SUB of libzmq that was bound gets to know its peers while it receives.
  const first = subscriber.receive();
  assertEquals(await publisher.receive(), [new Uint8Array([1])]);
  await publisher.send(["first"]);
  await first;
}
