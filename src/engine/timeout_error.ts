/**
 * Errors of waits that ended by their timeout: what was attempted, on which type of socket, and why it could not be done.
 *
 * @module
 */

import { ZmqError } from "../base/errors.ts";
import { endpointText, errorText } from "../base/peer_text.ts";
import type { EndpointStatus } from "./endpoints/endpoint_status.ts";

/** Maximum length of the last error's text, which may come from a peer. */
const SHOWN = 200;

/** The socket, as its errors show it. */
export interface Situation {
  /** The name of its class, such as `Push`. */
  readonly title: string;
  readonly peerCount: number;
  endpoints(): readonly EndpointStatus[];
}

/**
 * Creates the error of a send or receive.
 *
 * @param limit The time that was waited, such as "now" or "within 50 ms".
 */
export function timeoutError(socket: Situation, attempt: "send" | "receive", limit: string): ZmqError {
  const { title, peerCount } = socket;
  const begin = `Cannot ${attempt} on ${title} ${limit}`;
  if (peerCount > 0) {
    const what = attempt === "send" ? "no peer has room" : "no message arrived";
    return new ZmqError("EAGAIN", `${begin}: ${what} (${peerCount} ${peerCount === 1 ? "peer" : "peers"})`);
  }
  const what = attempt === "send" ? "no peer is connected" : "no message arrived, no peer is connected";
  const { text, options } = trouble(socket.endpoints());
  return new ZmqError("EAGAIN", `${begin}: ${what} (${text})`, options);
}

/** Why a socket has no peer: the text, and what its error has besides. */
interface Trouble {
  readonly text: string;
  readonly options: { readonly endpoint?: string; readonly cause?: Error };
}

/** Describes the endpoints of a socket without peers, and the last error of one of them. */
export function trouble(endpoints: readonly EndpointStatus[]): Trouble {
  const [first] = endpoints;
  if (first === undefined) return { text: "call bind() or connect() first", options: {} };
  const text = endpoints.length === 1 ? endpointText(first.endpoint) : `${endpoints.length} endpoints`;
  const failed = [...endpoints].reverse().find(({ lastError }) => lastError !== undefined);
  if (failed === undefined) return { text, options: { endpoint: first.endpoint } };
  const { lastError, endpoint } = failed as EndpointStatus & { lastError: Error };
  return { text: `${text}, last error: ${errorText(lastError, SHOWN)}`, options: { endpoint, cause: lastError } };
}
