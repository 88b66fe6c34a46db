/**
 * Socket type names and which of them may talk to each other (RFC 37 §3.2, libzmq mechanism.cpp).
 *
 * @module
 */

/** The socket types of ZeroMQ that this library has. */
export type SocketType =
  | "REQ"
  | "REP"
  | "DEALER"
  | "ROUTER"
  | "PUB"
  | "SUB"
  | "XPUB"
  | "XSUB"
  | "PUSH"
  | "PULL"
  | "PAIR"
  | "STREAM";

const PARTNERS: Readonly<Record<SocketType, readonly string[]>> = {
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
  DEALER: ["REP", "DEALER", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
  PUSH: ["PULL"],
  PULL: ["PUSH"],
  PAIR: ["PAIR"],
  // It does not speak ZMTP.
  STREAM: [],
};

/** Whether a socket of type `ours` may talk to a peer that says it is a `theirs`. */
export function compatible(ours: SocketType, theirs: string): boolean {
  return PARTNERS[ours].includes(theirs);
}

/** Whether a socket of this type tells its routing id in the handshake: only REQ, DEALER and ROUTER do. */
export function sendsIdentity(type: SocketType): boolean {
  return type === "REQ" || type === "DEALER" || type === "ROUTER";
}
