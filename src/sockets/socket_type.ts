/**
 * The public list of socket types.
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
