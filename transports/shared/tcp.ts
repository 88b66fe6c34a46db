/**
 * Shared by the tcp adapters of all runtimes: converts errors of the runtime to {@link ZmqError} and addresses to endpoint
 * text, and sets options of sockets.
 *
 * @module
 */

import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { unmapped } from "../../src/base/ip_address.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import { peerText, SHOWN_OF_NAME } from "../../src/base/peer_text.ts";
import { isTcp } from "../../src/schemes/tcp.ts";
import type { TcpOptions } from "../../src/transport/transport.ts";

// Maps codes of the operating system (and Deno's class names, for errors without a code) to ours, with the text of the message.
const KNOWN: ReadonlyMap<string, readonly [ZmqErrorCode, string]> = new Map<string, readonly [ZmqErrorCode, string]>([
  ["EADDRINUSE", ["EADDRINUSE", "the address is in use"]],
  ["EADDRNOTAVAIL", ["EADDRNOTAVAIL", "this machine does not have the address"]],
  ["EAFNOSUPPORT", ["EADDRNOTAVAIL", "the system does not know this kind of address"]],
  ["EACCES", ["EACCES", "permission was denied"]],
  ["EPERM", ["EACCES", "permission was denied"]],
  ["NotCapable", ["EACCES", "permission was denied"]],
  ["ECONNREFUSED", ["ECONNREFUSED", "the connection was refused"]],
  // No process listens on a socket file that does not exist.
  ["ENOENT", ["ECONNREFUSED", "nothing listens there"]],
  ["NotFound", ["ECONNREFUSED", "nothing listens there"]],
  ["ESELF", ["ECONNREFUSED", "nothing listens there, and the connection was made to itself"]],
  ["EAGAIN", ["EAGAIN", "too many connections wait to be accepted"]],
  ["ECONNRESET", ["ECONNRESET", "the connection was reset by the peer"]],
  ["ECONNABORTED", ["ECONNRESET", "the connection was aborted"]],
  ["EPIPE", ["ECONNRESET", "the connection was closed by the peer"]],
  ["ETIMEDOUT", ["ETIMEDOUT", "the connection timed out"]],
  ["EHOSTUNREACH", ["EHOSTUNREACH", "the host cannot be reached"]],
  ["EHOSTDOWN", ["EHOSTUNREACH", "the host is down"]],
  ["ENETUNREACH", ["EHOSTUNREACH", "the network cannot be reached"]],
  ["ENETDOWN", ["EHOSTUNREACH", "the network is down"]],
  ["ENOTFOUND", ["ENOTFOUND", "the host name was not found"]],
  ["ENOTDIR", ["ECONNREFUSED", "nothing listens there"]],
  ["NotADirectory", ["ECONNREFUSED", "nothing listens there"]],
  ["EINVAL", ["EINVAL", "the address is not valid"]],
  // This process, or the whole system, has reached its limit of open files, which is temporary.
  ["EMFILE", ["EMFILE", "too many files are open"]],
  ["ENFILE", ["EMFILE", "too many files are open in the system"]],
]);

/** Codes that differ for an address to listen on, with libzmq's names. */
const LISTENING: typeof KNOWN = new Map<string, readonly [ZmqErrorCode, string]>([
  ["ENOTFOUND", ["ENODEV", "no network interface and no host has this name"]],
  ["ENOENT", ["ENOENT", "its directory does not exist"]],
  ["NotFound", ["ENOENT", "its directory does not exist"]],
  ["ENOTDIR", ["ENOTDIR", "its directory is a file"]],
  ["NotADirectory", ["ENOTDIR", "its directory is a file"]],
]);

/** Most characters of an attempt: an endpoint, and the words before it. */
const SHOWN_OF_ATTEMPT = SHOWN_OF_NAME + 40;

/**
 * Returns the {@link ZmqError} for an error of the runtime.
 *
 * @param attempt Begins the message, such as `Cannot connect to tcp://127.0.0.1:5555`; the reason follows.
 * @param cause The error of the runtime, which becomes the `cause`.
 */
export function tcpError(attempt: string, cause: unknown): ZmqError {
  return errorBy(KNOWN, attempt, cause);
}

/** Returns the same for a connection that broke. */
export function connectionError(remote: string, cause: unknown): ZmqError {
  return tcpError(`Connection to ${remote} failed`, cause);
}

/** Returns the same for an attempt to listen. */
export function listenError(attempt: string, cause: unknown): ZmqError {
  return errorBy(LISTENING, attempt, cause);
}

function errorBy(words: typeof KNOWN, attempt: string, cause: unknown): ZmqError {
  const { code, name, message } = Object(cause) as { code?: unknown; name?: unknown; message?: unknown };
  let key = typeof code === "string" ? code : String(name);
  if (key.startsWith("EAI_") || isFailedLookUp(cause)) key = "ENOTFOUND";
  const [known, why] = words.get(key) ?? KNOWN.get(key) ?? ["EIO", peerText(String(message ?? cause))];
  return new ZmqError(known, `${peerText(attempt, SHOWN_OF_ATTEMPT)}: ${why}`, { cause });
}

/** Checks if an error reports a host name that was not found and has no code, as those of Deno. */
export function isFailedLookUp(cause: unknown): boolean {
  const { code, name, message } = Object(cause) as { code?: unknown; name?: unknown; message?: unknown };
  return code === undefined && (name === "URIError" || /\blookup\b/.test(String(message)));
}

/** Returns the endpoint text of an address: `tcp://[::1]:5555`; an IPv4-mapped IPv6 address is shown as IPv4. */
export function tcpEndpoint(host: string, port: number): string {
  return new TcpEndpoint(unmapped(host), port).toString();
}

/**
 * Returns the endpoint if it is a tcp endpoint.
 *
 * @throws {ZmqError} `EPROTONOSUPPORT` if it is not.
 */
export function requireTcp(endpoint: Endpoint): TcpEndpoint {
  if (isTcp(endpoint)) return endpoint;
  throw new ZmqError("EPROTONOSUPPORT", `This transport supports tcp and ipc, not ${peerText(endpoint.scheme)}`);
}

/** One end of a connection. */
interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/**
 * Returns an error if a new connection is connected to itself. TCP allows that if no process listens on a port of this machine and
 * the connection gets that port as its source port; the real server could not bind it then.
 */
export function selfConnection(local: Address, remote: Address): Error | undefined {
  if (local.port !== remote.port || local.host !== remote.host || local.host === undefined) return undefined;
  return Object.assign(new Error("The connection was made to itself"), { code: "ESELF" });
}

/** The members that sockets of Node and Bun have in common. */
interface TcpSocket {
  setKeepAlive(on: boolean, delay?: number): unknown;
  setTypeOfService?(value: number): unknown;
}

/** Sets the options of a connected socket of Node or Bun. */
export function setTcpOptions(socket: TcpSocket, options: TcpOptions): void {
  const { tcpKeepalive = -1, tcpKeepaliveIdle = -1, typeOfService = 0 } = options;
  if (tcpKeepalive === 0) socket.setKeepAlive(false);
  // 0 keeps the time of the operating system.
  else if (tcpKeepalive === 1) socket.setKeepAlive(true, Math.max(0, tcpKeepaliveIdle) * 1000);
  // Node 20 does not have it.
  if (typeOfService > 0) socket.setTypeOfService?.(typeOfService);
}

/** Default length of the accept queue. */
export const BACKLOG = 1024;
