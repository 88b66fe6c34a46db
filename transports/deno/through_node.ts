/**
 * Connecting and listening with options that Deno's own sockets do not have: through Deno's `node:net`, with the links of Node.
 * Those sockets are Deno's as well, which a loop that is never idle seldom checks, so the links get a `poll`.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { zoneOf } from "../../src/base/ip_address.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions, Link, Listener, ListenOptions, TcpOptions } from "../../src/transport/transport.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { canReusePort } from "./api.ts";
import { lookAtSockets } from "./look_at_sockets.ts";

/**
 * Checks if options need it: Deno's own sockets cannot set the time until the first keepalive probe, and share a port only with the
 * flag `--unstable-net`.
 */
export function needsNode({ tcpKeepalive, tcpKeepaliveIdle = -1, reusePort }: TcpOptions & ListenOptions): boolean {
  return (tcpKeepalive === 1 && tcpKeepaliveIdle > 0) || (reusePort === true && !canReusePort());
}

/** See {@link Transport.connect}. */
export async function connectThroughNode(tcp: TcpEndpoint, options: ConnectOptions): Promise<LinkCore> {
  return polled(await (await nodeTransport(tcp, "connect to")).connect(tcp, options));
}

/** See {@link Transport.listen}. */
export async function listenThroughNode(
  tcp: TcpEndpoint,
  onLink: (link: Link) => void,
  options: ListenOptions,
): Promise<Listener> {
  const node = await nodeTransport(tcp, "listen on");
  return await node.listen(tcp, (link) => onLink(polled(link)), options).catch(rethrow);
}

/** Deno's `node:net` does not know zones. */
async function nodeTransport(tcp: TcpEndpoint, attempt: string): Promise<CoreTransport> {
  if (zoneOf(tcp.toString()) !== "") {
    const why = "on Deno a link-local address cannot be a source address, and cannot have tcpKeepaliveIdle";
    throw new ZmqError("ENOTSUP", `Cannot ${attempt} ${endpointText(tcp)}: ${why}`);
  }
  return (await import("../node/transport.ts")).transport;
}

function polled<T extends Link>(link: T): T {
  return Object.assign(link, { poll: lookAtSockets });
}

/** Deno's `node:net` reports EINVAL for an address of another machine. */
function rethrow(error: unknown): never {
  if (!(error instanceof ZmqError) || error.code !== "EINVAL") throw error;
  const { message, cause } = error;
  throw new ZmqError("EADDRNOTAVAIL", message, { cause });
}
