/**
 * The options of a socket: names of zeromq.js, defaults, and the checks that run when a socket is made.
 *
 * @module
 */

import { toBytes } from "../message.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import { MAX_IDENTITY } from "../zmtp/session.ts";

/** Options that every socket type takes. Times are in ms, sizes in bytes. */
export interface SocketOptions {
  /**
   * How long `close()` waits for queued messages to go out, in ms; −1 waits without end, 0 drops them.
   * Default 5000 (libzmq: without end).
   */
  readonly linger?: number;
  /**
   * First interval between attempts to connect, in ms, jittered: one to two times as long, or half to once as long where
   * `reconnectMaxInterval` is larger; ten times as long after a peer that broke the protocol. −1 and 0: after a failed attempt or a lost
   * connection the endpoint is given up with a `connect:end` event, and what is queued for it is dropped. Default 100.
   */
  readonly reconnectInterval?: number;
  /** Interval up to which `reconnectInterval` is doubled, in ms. Default 0: it is not doubled. */
  readonly reconnectMaxInterval?: number;
  /** Time in which a handshake must be complete, in ms; 0 is no limit. Default 30000. */
  readonly handshakeInterval?: number;
  /** Time between two heartbeats (ZMTP PINGs) that are sent to each peer, in ms; 0 sends none. Default 0. */
  readonly heartbeatInterval?: number;
  /**
   * How long a peer may be silent after a heartbeat before its connection is closed, in ms; 0 is without end. Default −1: as
   * long as `heartbeatInterval`.
   */
  readonly heartbeatTimeout?: number;
  /**
   * How long this socket may be silent before its peers are to close the connection, in ms, in steps of 100, at most 6553599.
   * Told with each heartbeat. Default 0: not told.
   */
  readonly heartbeatTimeToLive?: number;
  /** Connections that may wait to be accepted, where the runtime lets that be set. Default 100. */
  readonly backlog?: number;
  /** Largest message to accept, in bytes, all frames together; −1 is no limit. Default 256 MiB (libzmq: no limit). */
  readonly maxMessageSize?: number;
  /** Most frames to accept in one message. Default 65536. */
  readonly maxFrames?: number;
}

/** Options of socket types that send. */
export interface SendOptions {
  /** Most messages queued for one peer; 0 is no limit. Default 1000. */
  readonly sendHighWaterMark?: number;
  /** How long `send()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly sendTimeout?: number;
}

/** Options of socket types that receive. */
export interface ReceiveOptions {
  /** Most messages held from one peer, which is no longer read then; 0 is no limit. Default 1000. */
  readonly receiveHighWaterMark?: number;
  /** How long `receive()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly receiveTimeout?: number;
}

/** Options of socket types that tell peers a routing id. */
export interface RoutingIdOptions {
  /** The id by which a ROUTER knows this socket: 1 to 255 bytes, the first not zero. Default: the ROUTER makes one up. */
  readonly routingId?: string | Uint8Array;
}

/** What a socket type may take, all of it. */
export type AnyOptions = SocketOptions & SendOptions & ReceiveOptions & RoutingIdOptions;

/** All options with their values. */
export interface Settings {
  readonly linger: number;
  readonly reconnectInterval: number;
  readonly reconnectMaxInterval: number;
  readonly handshakeInterval: number;
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  readonly heartbeatTimeToLive: number;
  readonly backlog: number;
  readonly maxMessageSize: number;
  readonly maxFrames: number;
  readonly sendHighWaterMark: number;
  readonly sendTimeout: number;
  readonly receiveHighWaterMark: number;
  readonly receiveTimeout: number;
  readonly routingId: Uint8Array;
}

/** Default of {@link SocketOptions.linger}, in ms; why it is finite stands in docs/adr/0004-linger-default.md. */
export const DEFAULT_LINGER = 5000;

/** Every option of every socket type: one that is not here is a slip of the pen. */
const KNOWN: ReadonlySet<string> = new Set([
  "linger",
  "reconnectInterval",
  "reconnectMaxInterval",
  "handshakeInterval",
  "heartbeatInterval",
  "heartbeatTimeout",
  "heartbeatTimeToLive",
  "backlog",
  "maxMessageSize",
  "maxFrames",
  "sendHighWaterMark",
  "sendTimeout",
  "receiveHighWaterMark",
  "receiveTimeout",
  "routingId",
  "mandatory",
]);

/** What fits into the 16 bits of a PING, which count tenths of a second. */
const MAX_TIME_TO_LIVE = 6_553_599;

/** Largest delay that `setTimeout` takes, in ms. */
const MAX_TIME = 2 ** 31 - 1;

/**
 * Checks options and fills in the defaults. `undefined` means the default.
 *
 * @throws {TypeError} For a value of the wrong type, {@linkcode RangeError} for one out of range.
 */
export function resolveOptions(options: AnyOptions): Settings {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("Options must be an object, such as { linger: 0 }");
  }
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw new TypeError(`There is no option ${name}; there are ${[...KNOWN].join(", ")}`);
  }
  const limit = count(
    "maxMessageSize",
    options.maxMessageSize ?? DEFAULT_LIMITS.maxMessageSize,
    -1,
    Number.MAX_SAFE_INTEGER,
  );
  return {
    linger: time("linger", options.linger ?? DEFAULT_LINGER, -1),
    reconnectInterval: time("reconnectInterval", options.reconnectInterval ?? 100, -1),
    reconnectMaxInterval: time("reconnectMaxInterval", options.reconnectMaxInterval ?? 0, 0),
    handshakeInterval: time("handshakeInterval", options.handshakeInterval ?? DEFAULT_LIMITS.handshakeInterval, 0),
    heartbeatInterval: time("heartbeatInterval", options.heartbeatInterval ?? 0, 0),
    heartbeatTimeout: time("heartbeatTimeout", options.heartbeatTimeout ?? -1, -1),
    heartbeatTimeToLive: count("heartbeatTimeToLive", options.heartbeatTimeToLive ?? 0, 0, MAX_TIME_TO_LIVE),
    backlog: count("backlog", options.backlog ?? 100, 1, 65_535),
    maxMessageSize: limit < 0 ? Number.MAX_SAFE_INTEGER : limit,
    maxFrames: count("maxFrames", options.maxFrames ?? DEFAULT_LIMITS.maxFrames, 1, Number.MAX_SAFE_INTEGER),
    sendHighWaterMark: count("sendHighWaterMark", options.sendHighWaterMark ?? 1000, 0, Number.MAX_SAFE_INTEGER),
    sendTimeout: time("sendTimeout", options.sendTimeout ?? -1, -1),
    receiveHighWaterMark: count(
      "receiveHighWaterMark",
      options.receiveHighWaterMark ?? 1000,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    receiveTimeout: time("receiveTimeout", options.receiveTimeout ?? -1, -1),
    routingId: routingId(options.routingId),
  };
}

function count(name: string, value: number, least: number, most: number): number {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
  }
  return value;
}

/**
 * Checks a number of things to wait for.
 *
 * @throws {TypeError} If it is not a number, {@linkcode RangeError} if it is not whole or negative.
 */
export function amount(name: string, value: number): number {
  return count(name, value, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Checks a time that a method or option takes, in ms.
 *
 * @throws {TypeError} If it is not a number, {@linkcode RangeError} if it is not whole or out of range.
 */
export function time(name: string, value: number, least: number): number {
  return count(name, value, least, MAX_TIME);
}

/**
 * Checks an option that is on or off.
 *
 * @throws {TypeError} If it is neither.
 */
export function flag(name: string, value: boolean): boolean {
  if (typeof value !== "boolean") throw new TypeError(`Option ${name} must be true or false, not ${typeof value}`);
  return value;
}

function routingId(value: string | Uint8Array | undefined): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new TypeError(`Option routingId must be a string or a Uint8Array, not ${typeof value}`);
  }
  const bytes = toBytes(value).slice();
  if (bytes.length < 1 || bytes.length > MAX_IDENTITY) {
    throw new RangeError(`Option routingId must be 1 to ${MAX_IDENTITY} bytes long, not ${bytes.length}`);
  }
  if (bytes[0] === 0) {
    throw new RangeError("Option routingId must not start with a zero byte: those ids are made by routers");
  }
  return bytes;
}
