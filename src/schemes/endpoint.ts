/**
 * Parses endpoint strings (`tcp://127.0.0.1:5555`) and formats them. Names are not resolved here; each scheme parses
 * the part after `://` (`src/schemes/`).
 *
 * @module
 */

import { quotedPeerText, SHOWN_OF_NAME, withoutSecretsOf } from "../base/peer_text.ts";
import { type EndpointAttempt, EndpointError, type EndpointUse, type RefuseEndpoint } from "./endpoint_error.ts";
import type { InprocEndpoint } from "./inproc.ts";
import type { IpcEndpoint } from "./ipc.ts";
import { OtherEndpoint } from "./other.ts";
import { isSchemeName, schemeOf } from "./registry.ts";
import type { TcpEndpoint } from "./tcp.ts";
import { refuseSurplus } from "../base/surplus.ts";
import type { WebSocketEndpoint } from "./websocket.ts";

export {
  type EndpointAttempt,
  EndpointError,
  type EndpointPart,
  type EndpointUse,
  type RefuseEndpoint,
} from "./endpoint_error.ts";
export { InprocEndpoint } from "./inproc.ts";
export { IpcEndpoint } from "./ipc.ts";
export { OtherEndpoint } from "./other.ts";
export { type HostPort, TcpEndpoint } from "./tcp.ts";
export { WebSocketEndpoint } from "./websocket.ts";

/** A parsed endpoint. `toString()` returns its canonical text. */
export type Endpoint = TcpEndpoint | IpcEndpoint | InprocEndpoint | WebSocketEndpoint | OtherEndpoint;

/**
 * Parses endpoints.
 *
 * @example
 * ```ts
 * import { Endpoint } from "@monocoque/zmq";
 *
 * const endpoint = Endpoint.parse("tcp://[0:0::1]:5555");
 * console.log(endpoint.scheme, endpoint.toString()); // tcp tcp://[::1]:5555
 * ```
 */
export const Endpoint: {
  /**
   * Parses an endpoint.
   *
   * @param use Also rejects endpoints that this use does not allow: `*` and port 0 for `connect`, a source address for
   * `bind`. Default: accepts all of them.
   * @throws {EndpointError} If the endpoint is malformed, or not allowed for this use. The message says which part is
   * wrong.
   * @throws {TypeError} If the use is another one.
   */
  parse(text: string, use?: EndpointUse): Endpoint;
} = {
  parse(text, use) {
    if (arguments.length > 2) refuseSurplus("Endpoint.parse()", 2, arguments[2]);
    if (use !== undefined && use !== "bind" && use !== "connect") {
      throw new TypeError('Endpoint.parse(): the use must be "bind" or "connect"');
    }
    return parseEndpoint(text, use);
  },
};

/**
 * Parses an endpoint for a call of a socket.
 *
 * @param attempt The call that the error names: `disconnect` takes the endpoints that `connect` takes.
 */
export function parseEndpoint(
  text: string,
  use?: EndpointUse,
  attempt: EndpointAttempt | "parse" = use ?? "parse",
): Endpoint {
  if (typeof text !== "string") {
    throw new EndpointError("scheme", `Cannot ${attempt}: an endpoint is a string, such as "tcp://127.0.0.1:5555"`);
  }
  const refuse: RefuseEndpoint = (part, why, code) =>
    new EndpointError(
      part,
      `Cannot ${attempt} ${quotedPeerText(withoutSecretsOf(text), SHOWN_OF_NAME)}: ${why}`,
      text,
      code,
    );
  const colon = text.indexOf("://");
  const name = text.slice(0, Math.max(0, colon));
  if (!isSchemeName(name)) {
    throw refuse("scheme", 'an endpoint starts with a transport, such as "tcp://127.0.0.1:5555"');
  }
  const address = text.slice(colon + 3);
  const endpoint = schemeOf(name).parse?.(address, use, refuse) ?? new OtherEndpoint(name, address);
  // The parser may come from the program, and sockets rely on both of these.
  if (endpoint.scheme !== name || !`${endpoint.toString?.()}`.startsWith(`${name}://`)) {
    throw new TypeError(`The parser of ${name}:// must return endpoints of that scheme`);
  }
  return endpoint;
}
