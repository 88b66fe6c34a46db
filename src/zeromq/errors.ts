/**
 * Errors as zeromq.js throws them: plain errors with libzmq's `code` and `errno`, its messages, and the address.
 *
 * @module
 */

import { constants } from "node:os";

/** An error with libzmq's code. */
export interface ErrnoError extends Error {
  /** The name of the error, such as `EAGAIN`. */
  code: string;
  /** Its number on this operating system. */
  errno: number;
  /** The endpoint that it is about. */
  address?: string;
}

/** A handshake that the authenticator rejected. */
export interface AuthError extends Error {
  /** The ZAP status. */
  status: 300 | 400 | 500;
}

/** A handshake that violated the protocol. */
export interface ProtoError extends Error {
  /** The violated rule. */
  code:
    | "ERR_ZMTP_UNSPECIFIED"
    | "ERR_ZMTP_UNEXPECTED_COMMAND"
    | "ERR_ZMTP_INVALID_SEQUENCE"
    | "ERR_ZMTP_KEY_EXCHANGE"
    | "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED"
    | "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE"
    | "ERR_ZMTP_MALFORMED_COMMAND_HELLO"
    | "ERR_ZMTP_MALFORMED_COMMAND_INITIATE"
    | "ERR_ZMTP_MALFORMED_COMMAND_ERROR"
    | "ERR_ZMTP_MALFORMED_COMMAND_READY"
    | "ERR_ZMTP_MALFORMED_COMMAND_WELCOME"
    | "ERR_ZMTP_INVALID_METADATA"
    | "ERR_ZMTP_CRYPTOGRAPHIC"
    | "ERR_ZMTP_MECHANISM_MISMATCH"
    | "ERR_ZAP_UNSPECIFIED"
    | "ERR_ZAP_MALFORMED_REPLY"
    | "ERR_ZAP_BAD_REQUEST_ID"
    | "ERR_ZAP_BAD_VERSION"
    | "ERR_ZAP_INVALID_STATUS_CODE"
    | "ERR_ZAP_INVALID_METADATA";
}

/** Numbers of libzmq's own codes; the others are those of the operating system. */
const OWN_NUMBERS: Readonly<Record<string, number>> = { EFSM: 156384763, ENOCOMPATPROTO: 156384764 };

/** The texts, by code: those of the C library on Linux, except where zeromq.js has its own. */
const TEXTS: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAGAIN: "Operation was not possible or timed out",
  EBADF: "Socket is closed",
  EBUSY: "Socket is busy",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EFAULT: "Context is closed",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "Host unreachable",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EMFILE: "Too many open file descriptors",
  EMSGSIZE: "Message too long",
  ENAMETOOLONG: "File name too long",
  ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
  ENODEV: "No such device",
  ENOENT: "No such endpoint",
  ENOMEM: "Cannot allocate memory",
  ENOTDIR: "Not a directory",
  ENOTSOCK: "Socket operation on non-socket",
  ENOTSUP: "Operation not supported",
  EPROTO: "Protocol error",
  EPROTONOSUPPORT: "Protocol not supported",
  ETIMEDOUT: "Connection timed out",
};

/** An error with this code; its message is that of the code unless there is another one. */
export function errnoError(code: string, message?: string, address?: string): ErrnoError {
  const errno = OWN_NUMBERS[code] ?? (constants.errno as Readonly<Record<string, number>>)[code] ?? 0;
  const error = Object.assign(new Error(message ?? TEXTS[code] ?? code), { errno, code });
  return address === undefined ? error : Object.assign(error, { address });
}

/** The error of an operation on a socket that is closed. */
export function closedError(): ErrnoError {
  return errnoError("EBADF");
}

/**
 * Converts an error of this library. Its message, which says more, is that of the cause.
 *
 * @param address The endpoint of the operation.
 */
export function converted(error: unknown, address?: string): ErrnoError {
  const code = codeOf(error);
  const result = errnoError(code, undefined, address);
  Object.defineProperty(result, "cause", { value: error, configurable: true, writable: true });
  return result;
}

/** libzmq's code of an error. */
export function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (code === "ENOTSOCK") return "EBADF";
  // libzmq reports an unknown host as an unknown device.
  if (code === "ENOTFOUND") return "ENODEV";
  return typeof code === "string" ? code : "EINVAL";
}
