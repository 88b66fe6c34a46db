/**
 * The error class for everything that fails at run time, with libzmq's error codes.
 *
 * Misuse of the API (an invalid endpoint, a wrong type) throws a `TypeError` or `RangeError` instead.
 *
 * @module
 */

import { brandInstances } from "./brand.ts";
import { withoutPassword, withoutSecretsOf } from "./peer_text.ts";
import { typeName } from "./type_name.ts";

/**
 * Stable codes of {@link ZmqError}, with libzmq's names.
 *
 * - `EAGAIN`: the operation would block, or its timeout expired.
 * - `EFSM`: the operation is not possible in the socket's current state, such as a second request before the reply.
 * - `ENOTSOCK`: the socket is closed.
 * - `EHOSTUNREACH`: no peer has that routing id, or there is no route to the host.
 * - `EADDRINUSE`: the endpoint is bound already, another peer has the routing id, or a `Pair` has a peer.
 * - `EADDRNOTAVAIL`: this machine does not have the address.
 * - `EACCES`: binding or connecting is not permitted, or a peer or proxy rejected the authentication.
 * - `ETIMEDOUT`: a `Requester` got no reply in time, or a connection timed out.
 * - `ECONNREFUSED`, `ECONNRESET`, `ENOTFOUND`: the connection was refused or reset, or the host name was not found.
 * - `EIO`: another error of the network, or an exception while a message was encoded or written.
 * - `EPROTO`: the peer violated ZMTP, a proxy violated SOCKS5, or `MessageReader` cannot read a frame.
 * - `EMSGSIZE`: a received frame or message exceeds the limit, or a message is too large for CURVE to encrypt.
 * - `EPROTONOSUPPORT`: no transport is registered for the scheme of the endpoint.
 * - `ENOCOMPATPROTO`: this socket type does not support the scheme (`udp`).
 * - `ENODEV`: no network interface and no host has the name in the endpoint to bind.
 * - `EINVAL`: the socket cannot take this value.
 * - `ENOTSUP`: the option is not supported on any runtime, or not on this one.
 * - `ENOMEM`: there was not enough memory to encode or encrypt a queued message; the message is dropped and its
 *   connection ends.
 * - `EMFILE`: the context has reached its limit of open sockets, or the process its limit of open files; the latter
 *   does not stop reconnecting.
 * - `ENOENT`: the endpoint is not bound or not connected, or the directory of an ipc path does not exist.
 * - `ENOTDIR`: a component of an ipc path is not a directory.
 * - `ENAMETOOLONG`: an ipc path is too long.
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

/** Options of the constructor of {@link ZmqError}. */
export interface ZmqErrorOptions {
  /** The error that the runtime or the program threw. */
  readonly cause?: unknown;
  /** The endpoint that the error refers to. */
  readonly endpoint?: string | undefined;
}

/**
 * An error at run time. Its {@link ZmqErrorCode} identifies the kind of failure.
 *
 * @example Handle a timeout
 * ```ts
 * import { Push, ZmqError } from "@monocoque/zmq";
 *
 * const push = new Push({ sendTimeout: 0 });
 * try {
 *   await push.send("no peer is connected");
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

  /** The stable code. Compare this, not the message. */
  readonly code: ZmqErrorCode;
  /**
   * The endpoint that the error refers to, as it was passed in or as it is bound; `undefined` for errors without an
   * endpoint.
   */
  readonly endpoint: string | undefined;

  /** Creates an error with a code, a message (passwords in its addresses are masked) and, optionally, its cause and endpoint. */
  constructor(code: ZmqErrorCode, message: string, options?: ZmqErrorOptions) {
    super(withoutPassword(message), options);
    this.name = "ZmqError";
    this.code = code;
    this.endpoint = options?.endpoint;
    hidePassword(this);
  }

  /**
   * Returns what `JSON.stringify` and structured logs show: name, code, message, endpoint and up to five levels of
   * causes, without stacks, and without the passwords in the text of errors. It never throws, whatever the causes are.
   */
  toJSON(): Record<string, unknown> {
    return plainError(this, MOST_CAUSES);
  }
}

/** Maximum number of causes below an error that JSON shows: a cause may lead back to its error. */
const MOST_CAUSES = 5;

/** Returns an error as JSON shows it; a plain `Error` would be `{}`. */
function plainError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, cause } = error;
  const { code, endpoint, errors } = error as {
    readonly code?: unknown;
    readonly endpoint?: unknown;
    errors?: unknown;
  };
  return {
    name: String(name),
    ...code !== undefined && { code: plain(code, 0) },
    message: withoutPassword(String(message)),
    ...typeof endpoint === "string" && { endpoint: withoutSecretsOf(endpoint) },
    ...cause !== undefined && depth > 0 && { cause: plain(cause, depth - 1) },
    ...Array.isArray(errors) && depth > 0 &&
      { errors: errors.slice(0, MOST_CAUSES).map((each) => plain(each, depth - 1)) },
  };
}

/** Returns any value as JSON can show it. */
function plain(value: unknown, depth: number): unknown {
  try {
    if (value instanceof Error) return plainError(value, depth);
    if (typeof value === "string") return withoutPassword(value);
    if (JSON.stringify(value) !== undefined) return value;
  } catch {
    // A circle, something that JSON does not know, or a property that throws.
  }
  return typeof value === "object" ? shownType(value) : String(value);
}

function shownType(value: unknown): string {
  try {
    return `[${typeName(value)}]`;
  } catch {
    return "[unknown]";
  }
}

/** Checks if an error reports that a peer violated the protocol or exceeded a size limit. */
export function isProtocolError(error: unknown): error is ZmqError {
  return error instanceof ZmqError && (error.code === "EPROTO" || error.code === "EMSGSIZE");
}

/** Sets the endpoint of a {@link ZmqError} that has none, and returns the error. */
export function atEndpoint<E>(error: E, endpoint: string): E {
  if (error instanceof ZmqError && error.endpoint === undefined) {
    Object.defineProperty(error, "endpoint", { value: endpoint, enumerable: true, configurable: true });
    hidePassword(error);
  }
  return error;
}

/** Hides an endpoint with a password from `console.log`, which shows the properties of an error besides its message. */
export function hidePassword(error: { readonly endpoint: string | undefined }): void {
  const { endpoint } = error;
  if (endpoint === undefined || withoutSecretsOf(endpoint) === endpoint) return;
  Object.defineProperty(error, "endpoint", { value: endpoint, enumerable: false, configurable: true });
}
