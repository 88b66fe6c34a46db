/**
 * The options of the debug log, and their short form in the environment variable `ZMQ_DEBUG`.
 *
 * @module
 */

import { onlyOptions, show, wholeNumber } from "../base/checks.ts";
import { didYouMean } from "../base/did_you_mean.ts";

/**
 * A part of the debug log.
 *
 * - `connection`: endpoints, attempts to connect, connections and their ends.
 * - `handshake`: peers after their handshake, and failed handshakes with the reason.
 * - `subscriptions`: topics that are sent to publishers or received from subscribers.
 * - `messages`: every message that is queued for a peer or received from one, with its frames.
 * - `drops`: dropped messages with the reason.
 * - `queues`: queues that are full, and sends that have to wait.
 * - `hints`: what is nearly always a mistake.
 * - `close`: `close()`, and its completion.
 */
export type DebugScope =
  | "connection"
  | "handshake"
  | "subscriptions"
  | "messages"
  | "drops"
  | "queues"
  | "hints"
  | "close";

const SCOPES: Readonly<Record<DebugScope, true>> = {
  connection: true,
  handshake: true,
  subscriptions: true,
  messages: true,
  drops: true,
  queues: true,
  hints: true,
  close: true,
};

/** Every scope. */
const DEBUG_SCOPES = Object.keys(SCOPES) as readonly DebugScope[];

/** Every socket type by its name and by that of its class, as `socket.type` names it. */
const TYPES: Readonly<Record<string, string>> = {
  REQUEST: "REQ",
  REPLY: "REP",
  DEALER: "DEALER",
  ROUTER: "ROUTER",
  PUBLISHER: "PUB",
  SUBSCRIBER: "SUB",
  XPUBLISHER: "XPUB",
  XSUBSCRIBER: "XSUB",
  PUSH: "PUSH",
  PULL: "PULL",
  PAIR: "PAIR",
  STREAM: "STREAM",
};
const TYPE_NAMES = Object.values(TYPES);

/** Options of `debugLog`. */
export interface DebugLogOptions {
  /** The parts to log. Default: all. */
  readonly scopes?: readonly DebugScope[] | undefined;
  /**
   * The sockets to log: a type (`SUB`), a number (`#2`), both (`SUB#2`), a socket, or a `Requester`. Default: all
   * sockets of the process, those that are open and those that will be created.
   */
  readonly sockets?: readonly (string | { readonly type: string; readonly id: number })[] | undefined;
  /** Called with each line, without a line feed. Default: `console.error`. */
  readonly write?: ((line: string) => void) | undefined;
  /** Maximum number of bytes that are shown of each frame; 0 shows sizes only. Default 64. */
  readonly frameBytes?: number | undefined;
}

/** The checked options. */
export interface LogSettings {
  readonly scopes: ReadonlySet<DebugScope>;
  /** Undefined for all sockets. */
  readonly sockets: readonly string[] | undefined;
  readonly write: (line: string) => void;
  readonly frameBytes: number;
}

/** A socket in text: its type, its number, or both. */
const SOCKET = /^([a-z]*)(#\d+)?$/i;
/** Words that stand for everything. */
const EVERYTHING = ["*", "all", "1", "true", "yes", "on"];

/**
 * Checks the options, and fills in the defaults.
 *
 * @throws {TypeError} If an option has the wrong type or an unknown name; {@linkcode RangeError} if it is out of range.
 */
export function readLogOptions(options: DebugLogOptions | string): LogSettings {
  const given = typeof options === "string" ? parse(options) : options;
  onlyOptions("debugLog", given, ["scopes", "sockets", "write", "frameBytes"]);
  const { scopes = DEBUG_SCOPES, sockets, write = (line: string) => console.error(line), frameBytes = 64 } = given;
  if (typeof write !== "function") throw new TypeError("write must be a function");
  for (const scope of listOf("scopes", scopes)) requireScope(scope);
  return {
    scopes: new Set(scopes),
    sockets: sockets === undefined ? undefined : listOf("sockets", sockets).map(socketOf),
    write,
    frameBytes: wholeNumber(0)("frameBytes", frameBytes),
  };
}

/** Returns true if the log is for this socket. */
export function logs({ sockets }: LogSettings, type: string, id: number): boolean {
  return sockets === undefined ||
    sockets.some((name) => name === type || name === `#${id}` || name === `${type}#${id}`);
}

/**
 * Reads the form of `ZMQ_DEBUG`: scopes, sockets and `bytes=64`, separated by commas or spaces; `-scope` leaves one out.
 * Upper and lower case are the same.
 */
function parse(text: string): DebugLogOptions {
  const scopes = new Set<DebugScope>();
  const without = new Set<DebugScope>();
  const sockets: string[] = [];
  let frameBytes: number | undefined;
  for (const word of text.split(/[\s,]+/)) {
    const lower = word.toLowerCase();
    const bytes = /^bytes=(\d+)$/.exec(lower);
    const socket = socketName(word);
    if (word === "" || EVERYTHING.includes(lower)) continue;
    if (bytes !== null) frameBytes = Number(bytes[1]);
    else if (socket !== undefined) sockets.push(socket);
    else if (word.startsWith("-")) without.add(requireScope(lower.slice(1), word.slice(1)));
    else scopes.add(requireScope(lower, word, [...TYPE_NAMES, "all", "bytes=64"]));
  }
  const chosen = scopes.size === 0 ? DEBUG_SCOPES : [...scopes];
  return {
    scopes: chosen.filter((scope) => !without.has(scope)),
    ...sockets.length > 0 && { sockets },
    ...frameBytes !== undefined && { frameBytes },
  };
}

function listOf<T>(name: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`${name} must be an array, not ${show(value)}`);
}

/** @param more What the word may have meant besides a scope. */
function requireScope(scope: string, word: string = scope, more: readonly string[] = []): DebugScope {
  if (DEBUG_SCOPES.includes(scope as DebugScope)) return scope as DebugScope;
  const types = more.length === 0 ? "" : `, and the socket types ${TYPE_NAMES.join(", ")}`;
  throw new TypeError(
    `The debug log has no scope ${show(word)}; it has ${DEBUG_SCOPES.join(", ")}${types}` +
      didYouMean(String(word), [...DEBUG_SCOPES, ...more]),
  );
}

/** Returns a socket in text as `logs` compares it, such as `SUB#2`; `undefined` if it is not one. */
function socketName(text: string): string | undefined {
  const [, type = "", number = ""] = SOCKET.exec(text) ?? [];
  const upper = type.toUpperCase();
  const known = TYPES[upper] ?? (TYPE_NAMES.includes(upper) ? upper : undefined);
  if (type === "") return number === "" ? undefined : number;
  return known === undefined ? undefined : known + number;
}

function socketOf(socket: string | { readonly type: string; readonly id: number }): string {
  const name = typeof socket === "string" ? socketName(socket) : undefined;
  if (name !== undefined) return name;
  const { type, id } = Object(socket) as { readonly type?: unknown; readonly id?: unknown };
  if (typeof type === "string" && typeof id === "number") return `${type}#${id}`;
  throw new TypeError(
    `A socket of the debug log must be a socket, a type such as "SUB", or "SUB#2", not ${show(socket)}` +
      (typeof socket === "string" ? didYouMean(socket, [...TYPE_NAMES, ...Object.keys(TYPES)]) : ""),
  );
}
