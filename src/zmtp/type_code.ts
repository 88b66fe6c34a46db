/**
 * The numbers that ZMTP 2.0 has for socket types (RFC 15), which are those of zmq.h.
 *
 * @module
 */

import type { SocketType } from "./socket_type.ts";

const TYPES: readonly string[] = [
  "PAIR",
  "PUB",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "PUSH",
  "XPUB",
  "XSUB",
];

/**
 * The number to tell for a socket type, -1 for one that ZMTP 2.0 does not have. XPUB and XSUB say that they are PUB and
 * SUB, as RFC 15 wants it: libzmq tells numbers that the RFC does not have, which a strict peer could refuse.
 */
export function typeCode(type: SocketType): number {
  return TYPES.indexOf(type === "XPUB" ? "PUB" : type === "XSUB" ? "SUB" : type);
}

/** The socket type with this number, including libzmq's for XPUB and XSUB. */
export function typeOfCode(code: number): string | undefined {
  return TYPES[code];
}
