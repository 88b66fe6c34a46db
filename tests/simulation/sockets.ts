/**
 * The sockets of actors, by the names of their types.
 *
 * @module
 */

import * as zmq from "../../core.ts";

/** Every method that some socket type has. */
export type AnySocket =
  & zmq.Dealer
  & Pick<zmq.Subscriber, "subscribe" | "unsubscribe">
  & { connect(endpoint: string, options?: { readonly routingId: string }): void };

const CLASSES: Readonly<Record<string, new (options: never) => zmq.Socket>> = {
  PUSH: zmq.Push,
  PULL: zmq.Pull,
  PAIR: zmq.Pair,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  REQ: zmq.Request,
  REP: zmq.Reply,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  STREAM: zmq.Stream,
};

/** Makes a socket that does not keep the process alive. */
export function newSocket(type: string, options: object): AnySocket {
  return new CLASSES[type]!(options as never).unref() as unknown as AnySocket;
}

/** The only errors that a send or receive may end with while its socket is used as it should be. */
const EXPECTED = ["EAGAIN", "ENOTSOCK", "EHOSTUNREACH"];

/** Checks if a send or receive may end with this error. */
export function isExpected(error: unknown): boolean {
  return EXPECTED.includes((error as { code?: string }).code!);
}

const decoder = new TextDecoder();

/** The text of a frame. */
export function text(frame: Uint8Array): string {
  return decoder.decode(frame);
}
