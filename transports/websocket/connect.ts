/**
 * Connecting over WebSocket: a link of bytes, and the upgrade on it.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { type Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { WebSocketEndpoint } from "../../src/schemes/websocket.ts";
import type { SecureWebSocketConnectOptions } from "../../src/schemes/websocket_options.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions, FrameTerms } from "../../src/transport/transport.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { connectTls } from "../tls/connect.ts";
import { ClientUpgrade } from "./client_upgrade.ts";
import { remoteOver, requireWebSocket, termsOf, upgrade, withEndpoint } from "./terms.ts";
import { WebSocketLink } from "./websocket_link.ts";

/** See {@link Transport.connect}. */
export async function connect(
  tcp: CoreTransport,
  endpoint: Endpoint,
  options: ConnectOptions<SecureWebSocketConnectOptions> = {},
): Promise<WebSocketLink> {
  const { signal, endpointOptions } = options;
  const target = requireWebSocket(endpoint);
  let link: LinkCore | undefined;
  try {
    signal?.throwIfAborted();
    const terms = termsOf(options);
    const handshake = new ClientUpgrade(
      target,
      offered(terms, endpointOptions?.protocols ?? []),
      endpointOptions?.headers ?? {},
    );
    link = await open(tcp, target, options);
    const remote = remoteOver(target, link.remote);
    await upgrade(link, handshake, remote, terms, signal);
    return new WebSocketLink(link, true, handshake.protocol, terms.maxFrameSize);
  } catch (error) {
    link?.abort();
    throw signal?.aborted ? signal.reason : withEndpoint(error, "Cannot connect to", target);
  }
}

async function open(
  tcp: CoreTransport,
  { scheme, host, port }: WebSocketEndpoint,
  { frames: _, endpointOptions, ...options }: ConnectOptions<SecureWebSocketConnectOptions>,
): Promise<LinkCore> {
  const address = new TcpEndpoint(host, port);
  return await (scheme === "ws" ? tcp.connect(address, options) : connectTls(address, options, endpointOptions));
}

function offered({ protocols }: FrameTerms, chosen: readonly string[]): readonly string[] {
  if (chosen.length === 0) return protocols;
  const names = chosen.filter((name) => protocols.includes(name));
  if (names.length > 0) return names;
  const spoken = protocols.join(", ");
  throw new ZmqError("EINVAL", `the option protocols has none that this socket speaks with its options: ${spoken}`);
}
