/**
 * Errors of waits that ended by their timeout: what was attempted, on which type of socket, and why it could not be done.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { endpointText, errorText } from "../base/peer_text.ts";
import type { EndpointFailure } from "./endpoints/endpoint_status.ts";

/** Maximum length of the last error's text, which may come from a peer. */
const SHOWN = 200;

/** The socket, as its errors show it. */
export interface Situation {
  /** The name of its class, such as `Push`. */
  readonly title: string;
  readonly peerCount: number;
  readonly endpoints: {
    /** All endpoints, without anything that takes time to gather: a loop may time out often. */
    names(): readonly string[];
    /** Why endpoints have no peer now, and all errors of endpoints from this date on. */
    failures(since: number): readonly EndpointFailure[];
  };
}

/**
 * Creates the error of a send or receive.
 *
 * @param limit The time that was waited, such as "now" or "within 50 ms".
 */
export function timeoutError(socket: Situation, attempt: "send" | "receive", limit: string): ZmqError {
  const connected = socket.peerCount > 0;
  const none = connected ? "no peer has room" : "no peer is connected";
  const what = attempt === "send" ? none : `no message arrived${connected ? "" : `, ${none}`}`;
  const { text, options } = trouble(socket, "peer");
  return new ZmqError("EAGAIN", `Cannot ${attempt} on ${socket.title} ${limit}: ${what} (${text})`, options);
}

/** Why the peers of a socket do not do what it waits for: the text of the error, and its other properties. */
export interface Trouble {
  readonly text: string;
  readonly options: { readonly endpoint?: string; readonly cause?: Error };
}

/**
 * Describes the peers and endpoints of a socket, and the newest of the errors that are still true.
 *
 * @param peer The word for a peer.
 * @param since Errors from this date on count as well if their endpoint is connected again.
 */
export function trouble(socket: Situation, peer: "peer" | "server", since: number = Infinity): Trouble {
  const { peerCount } = socket;
  const endpoints = socket.endpoints.names();
  const newest = socket.endpoints.failures(since).reduce<EndpointFailure | undefined>(
    (last, failure) => last === undefined || failure.time >= last.time ? failure : last,
    undefined,
  );
  const endpoint = newest?.endpoint ?? (endpoints.length === 1 ? endpoints[0] : undefined);
  const texts: string[] = [];
  if (peerCount > 0) texts.push(`${peerCount} ${peer}${peerCount === 1 ? "" : "s"}`);
  if (endpoints.length > 1) texts.push(`${endpoints.length} endpoints`);
  else if (endpoint !== undefined) texts.push(endpointText(endpoint));
  else if (peerCount === 0) texts.push("call bind() or connect() first");
  if (newest !== undefined) texts.push(`last error: ${errorText(newest.error, SHOWN)}`);
  return { text: texts.join(", "), options: { ...endpoint && { endpoint }, ...newest && { cause: newest.error } } };
}
