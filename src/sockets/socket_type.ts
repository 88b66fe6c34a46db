/**
 * The public list of socket types.
 *
 * @module
 */

/** The ZeroMQ socket types that this library implements. */
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
