/**
 * ZWS 2.0 (RFC 45) over WebSocket, on links of bytes of the transport of this runtime: `ws://` and `wss://`.
 *
 * @module
 */

import type { SecureWebSocketBindOptions, SecureWebSocketConnectOptions } from "../../src/schemes/websocket_options.ts";
import type { Transport } from "../../src/transport/transport.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";

/** Makes the transport over one for tcp. */
export function webSockets(
  tcp: CoreTransport,
): Transport<SecureWebSocketConnectOptions, SecureWebSocketBindOptions> {
  return {
    connect: (endpoint, options) => connect(tcp, endpoint, options),
    listen: (endpoint, onLink, options) => listen(tcp, endpoint, onLink, options),
  };
}
