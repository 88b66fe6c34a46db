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
 * - `EPROTO`: the peer does not speak ZMTP as it must, or a proxy not SOCKS5; `EMSGSIZE`: a frame or message over the limit,
 *   or one that is to be sent and that CURVE cannot encrypt.
 * - `EPROTONOSUPPORT`: no transport is registered for that scheme; `ENOCOMPATPROTO`: the scheme is not for this socket type
 *   (`udp`).
 * - `ENODEV`: no network interface and no host has the name that is to be bound.
 * - `EINVAL`: a value that the socket cannot take.
 * - `ENOTSUP`: an option that no runtime, or not this one, can honour.
 * - `ENOMEM`: there was no memory to encode or encrypt a message that was queued; it is dropped, and its connection ends.
 * - `EMFILE`: the context has as many open sockets as it allows, or the process as many open files; connecting goes on.
 * - `ENOENT`: the endpoint is not bound or not connected, or the folder of an ipc path is not there; `ENOTDIR`: that is no
 *   folder; `ENAMETOOLONG`: the path is too long.
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
  | "ENOCOMPATPROTO"
  | "ENODEV"
  | "EINVAL"
  | "ENOTSUP"
  | "ENOMEM"
  | "EMFILE"
  | "ENOENT"
  | "ENOTDIR"
  | "ENAMETOOLONG";

/** What an error may be made with. */
export interface ZmqErrorOptions {
  /** What the runtime or the program threw. */
  readonly cause?: unknown;
  /** The endpoint that it is about. */
  readonly endpoint?: string;
}

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
  /** The endpoint that it is about, as it was given or as it is bound; `undefined` for errors that are about none. */
  readonly endpoint: string | undefined;

  /** Makes an error with a stable code, a message in plain words and, where there is one, its cause. */
  constructor(code: ZmqErrorCode, message: string, options?: ZmqErrorOptions) {
    super(message, options);
    this.name = "ZmqError";
    this.code = code;
    this.endpoint = options?.endpoint;
  }
}

/** Whether a peer broke the protocol: it said what it must not, or more than it may. */
export function isProtocolError(error: unknown): error is ZmqError {
  return error instanceof ZmqError && (error.code === "EPROTO" || error.code === "EMSGSIZE");
}

/** Notes which endpoint an error is about, where that is not known yet; returns the error. */
export function atEndpoint<E>(error: E, endpoint: string): E {
  if (error instanceof ZmqError && error.endpoint === undefined) {
    Object.defineProperty(error, "endpoint", { value: endpoint, enumerable: true, configurable: true });
  }
  return error;
}
