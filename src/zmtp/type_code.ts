/**
 * How the numbers are read by which peers of ZMTP 2.0 tell their socket type (RFC 15, and XPUB and XSUB of zmq.h). The list is
 * closed: newer socket types are told by name, in the handshake of ZMTP 3.
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

/** The name of the socket type with this number. */
export function typeOfCode(code: number): string | undefined {
  return TYPES[code];
}
