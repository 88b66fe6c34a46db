/**
 * Socket type numbers of ZMTP 2.0 (RFC 15, and XPUB and XSUB of zmq.h). The list is complete: ZMTP 3 sends socket types
 * by name in the handshake.
 *
 * @module
 */

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

/** Returns the name of the socket type with this number. */
export function typeOfCode(code: number): string | undefined {
  return TYPES[code];
}
