/**
 * Helpers of the option tests: a factory per socket type, and peers over links that the test controls, so that all
 * traffic is exact.
 *
 * @module
 */

import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  type SocketType,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { FakeLink } from "../support/fake_link.ts";
import { message as wireMessage } from "../support/raw_peer.ts";
import { peerHandshake } from "../support/session_recorder.ts";

/** Makes a socket of each type. */
export const MAKERS: { readonly [T in SocketType]: (options?: object) => Socket } = {
  DEALER: (options) => new Dealer(options),
  PAIR: (options) => new Pair(options),
  PUB: (options) => new Publisher(options),
  PULL: (options) => new Pull(options),
  PUSH: (options) => new Push(options),
  REP: (options) => new Reply(options),
  REQ: (options) => new Request(options),
  ROUTER: (options) => new Router(options),
  STREAM: (options) => new Stream(options),
  SUB: (options) => new Subscriber(options),
  XPUB: (options) => new XPublisher(options),
  XSUB: (options) => new XSubscriber(options),
};

/** All socket types. */
export const TYPES: readonly SocketType[] = Object.keys(MAKERS) as SocketType[];

/** A type that a socket of each type can talk to. */
const PARTNER: { readonly [T in Exclude<SocketType, "STREAM">]: SocketType } = {
  DEALER: "ROUTER",
  PAIR: "PAIR",
  PUB: "SUB",
  PULL: "PUSH",
  PUSH: "PULL",
  REP: "REQ",
  REQ: "REP",
  ROUTER: "DEALER",
  SUB: "PUB",
  XPUB: "SUB",
  XSUB: "PUB",
};

/** Reads and sets options by name, as a program without types may. */
export function optionsAsAny(socket: Socket): Record<string, unknown> {
  return socket as unknown as Record<string, unknown>;
}

/** Shakes hands over a link that has been started, as a peer that the socket can talk to. */
export function shakeHands(link: FakeLink, socket: Socket, identity = ""): void {
  if (socket.type === "STREAM") return;
  link.arrive(peerHandshake(PARTNER[socket.type], new TextEncoder().encode(identity)));
}

/** An incoming peer over a simulated link, after its handshake. */
export function comeIn(socket: Socket, identity = ""): FakeLink {
  const link = new FakeLink();
  socket.attach(link);
  shakeHands(link, socket, identity);
  return link;
}

/** Frames that each carry a message of one text. */
export function wire(...texts: string[]): Uint8Array[] {
  return texts.map((text) => wireMessage(text));
}

/** Returns a flag that shows whether a promise is settled, without waiting for it. */
export function watch(promise: Promise<unknown>): { settled: boolean } {
  const state = { settled: false };
  const settle = () => void (state.settled = true);
  promise.then(settle, settle);
  return state;
}

/** `0` to `count - 1`, as text. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}
