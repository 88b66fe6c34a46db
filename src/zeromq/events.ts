/**
 * Events of sockets as zeromq.js has them, and the conversion of the events of this library.
 *
 * @module
 */

import type { SocketEvent } from "../../mod.ts";
import { type AuthError, codeOf, type ErrnoError, errnoError, type ProtoError } from "./errors.ts";
import type { Expand } from "./type_tools.ts";

/** The endpoint of an event. */
export interface EventAddress {
  /** The endpoint. */
  address: string;
}

/** The interval of an event. */
export interface EventInterval {
  /** Time until the next attempt, in ms. */
  interval: number;
}

/** The error of an event. */
export interface EventError<E = ErrnoError> {
  /** The error. */
  error: E;
}

/** An event of one type. */
// deno-lint-ignore ban-types
export type EventFor<T extends string, D = {}> = Expand<{ type: T } & D>;

/** An event of a socket, by its `type`. */
export type Event =
  | EventFor<"accept", EventAddress>
  | EventFor<"accept:error", EventAddress & EventError>
  | EventFor<"bind", EventAddress>
  | EventFor<"bind:error", EventAddress & EventError>
  | EventFor<"connect", EventAddress>
  | EventFor<"connect:delay", EventAddress>
  | EventFor<"connect:retry", EventAddress & EventInterval>
  | EventFor<"close", EventAddress>
  | EventFor<"close:error", EventAddress & EventError>
  | EventFor<"disconnect", EventAddress>
  | EventFor<"end">
  | EventFor<"handshake", EventAddress>
  | EventFor<"handshake:error:protocol", EventAddress & EventError<ProtoError>>
  | EventFor<"handshake:error:auth", EventAddress & EventError<AuthError>>
  | EventFor<"handshake:error:other", EventAddress & EventError>
  | EventFor<"unknown">;

/** The types of events. */
export type EventType = Event["type"];

/** The event of one type. */
export type EventOfType<E extends EventType = EventType> = Expand<Extract<Event, Event & EventFor<E>>>;

const AUTH_TEXTS = { 300: "Temporary error", 400: "Authentication failure", 500: "Internal error" } as const;

function protoError(rule: string): ProtoError {
  const zap = rule.startsWith("ZAP_");
  const error = new Error(zap ? "ZAP protocol error" : "ZMTP protocol error");
  return Object.assign(error, { code: `ERR_${zap ? rule : `ZMTP_${rule}`}` }) as ProtoError;
}

/** Converts an event; `undefined` for one that zeromq.js does not have, and for all about inproc. */
export function eventOf(event: SocketEvent): Event | undefined {
  if (event.type === "end") return { type: "end" };
  if (!("endpoint" in event) || event.endpoint.startsWith("inproc:")) return undefined;
  const address = event.endpoint;
  switch (event.type) {
    case "bind":
    case "accept":
    case "connect":
    case "connect:delay":
    case "close":
    case "disconnect":
    case "handshake":
      return { type: event.type, address };
    case "connect:retry":
      return { type: event.type, address, interval: event.interval };
    case "bind:error":
      // libzmq reports what it could not bind without the scheme.
      return { type: event.type, address: address.replace(/^tcp:\/\//, ""), error: errnoError(codeOf(event.error)) };
    case "accept:error":
    case "close:error":
    case "handshake:error:other":
      return { type: event.type, address, error: errnoError(codeOf(event.error)) };
    case "handshake:error:protocol":
      return { type: event.type, address, error: protoError(event.rule) };
    case "handshake:error:auth": {
      const { status } = event;
      return { type: event.type, address, error: Object.assign(new Error(AUTH_TEXTS[status]), { status }) };
    }
    default:
      return undefined;
  }
}
