/**
 * Connecting through a SOCKS5 proxy: opens a link to the proxy and does the handshake on it; then the link leads to the target.
 *
 * @module
 */

import { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import type { ConnectOptions, SocksProxy } from "../../src/transport/transport.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { shakeHands } from "../shared/handshake.ts";
import { SocksHandshake } from "./handshake.ts";

/**
 * Opens a link to a target through a proxy.
 *
 * @param connect Opens the link to the proxy, from the source address of the proxy or of the target, if one of them has one.
 * @throws {ZmqError} If the proxy cannot be reached, or refuses the connection.
 */
export async function connectBySocks(
  connect: CoreTransport["connect"],
  target: TcpEndpoint,
  proxy: SocksProxy,
  options: ConnectOptions,
): Promise<LinkCore> {
  const { socks: _, ...rest } = options;
  const remote = new TcpEndpoint(target.host, target.port).toString();
  const handshake = new SocksHandshake(target, proxy);
  let link: LinkCore | undefined;
  try {
    link = await connect(new TcpEndpoint(proxy.host, proxy.port, proxy.source ?? target.source), rest);
    await shakeHands(link, handshake, remote, options.signal);
    return link;
  } catch (cause) {
    link?.abort();
    if (options.signal?.aborted || !(cause instanceof ZmqError)) throw cause;
    const where = link === undefined ? "the SOCKS proxy cannot be reached: " : "";
    throw new ZmqError(cause.code, `Cannot connect to ${endpointText(remote)}: ${where}${cause.message}`, { cause });
  }
}
