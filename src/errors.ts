/**
 * The one error class for what goes wrong at run time, with codes in libzmq's names.
 *
 * Misuse that a program cannot meet by chance (a bad endpoint, a wrong type) is a `TypeError` or `RangeError` instead.
 *
 * @module
 */

import { brandInstances } from "./brand.ts";

/**
 * Stable codes of {@link ZmqError}, in libzmq's names.
 *
 * - `EAGAIN`: the operation could not be done within its timeout, or not at once.
 * - `EFSM`: not possible in the socket's state (a second request before the reply).
 * - `ENOTSOCK`: the socket is closed.
 * - `EHOSTUNREACH`: no peer with that routing id, or no route to the host.
 * - `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`: the address cannot be bound; `EACCES` also: a peer or a proxy does not let us in.
 * - `ECONNREFUSED`, `ECONNRESET`, `ETIMEDOUT`, `ENOTFOUND`, `EIO`: the network said no.
 * - `EPROTO`: the peer does not speak ZMTP as it must, or a proxy not SOCKS5; `EMSGSIZE`: a frame or message over the limit.
 * - `EPROTONOSUPPORT`: no transport is registered for that scheme.
 * - `EINVAL`: a value that the socket cannot take.
 * - `ENOTSUP`: an option that no runtime, or not this one, can honour.
 * - `EMFILE`: the context has as many open sockets as it allows.
 * - `ENOENT`: the endpoint is not bound or not connected.
 */
export type ZmqErrorCode =
  | "EAGAIN"
  | "EFSM"
  | "ENOTSOCK"
  | "EHOSTUNREACH"
  | "EADDRINUSE"
  | "EADDRNOTAVAIL"
  | "EACCES"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "ETIMEDOUT"
  | "ENOTFOUND"
  | "EIO"
  | "EPROTO"
  | "EMSGSIZE"
  | "EPROTONOSUPPORT"
  | "EINVAL"
  | "ENOTSUP"
  | "EMFILE"
  | "ENOENT";

/**
 * An error of this library, told apart by its {@link ZmqErrorCode}.
 *
 * @example
 * ```ts
 * import { Push, ZmqError } from "@monocoque/zmq";
 *
 * const push = new Push({ sendTimeout: 0 });
 * try {
 *   await push.send("nobody is there");
 * } catch (error) {
 *   if (!(error instanceof ZmqError) || error.code !== "EAGAIN") throw error;
 * }
 * await push.close();
 * ```
 */
export class ZmqError extends Error {
  static {
    brandInstances(this, "ZmqError");
  }

  /** Stable; compare this, not the message. */
  readonly code: ZmqErrorCode;

  /** Makes an error with a stable code, a message in plain words and, where there is one, its cause. */
  constructor(code: ZmqErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "ZmqError";
    this.code = code;
  }
}

/** Whether a peer broke the protocol: it said what it must not, or more than it may. */
export function isProtocolError(error: unknown): error is ZmqError {
  return error instanceof ZmqError && (error.code === "EPROTO" || error.code === "EMSGSIZE");
}
