/**
 * Connecting, on Deno's own sockets.
 *
 * @module
 */

import { bracketed, familyOf } from "../../src/base/ip_address.ts";
import { ZmqError } from "../../src/base/errors.ts";
import type { Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions } from "../../src/transport/transport.ts";
import { systemPath } from "../shared/ipc.ts";
import { type Route, routesTo, tryEach } from "../shared/routes.ts";
import { requireTcp, tcpError } from "../shared/tcp.ts";
import { selfError } from "./addresses.ts";
import { deno, type DenoTcpConn } from "./api.ts";
import { DenoDriver } from "./driver.ts";
import { tcpLink } from "./tcp_link.ts";
import { connectThroughNode, needsNode } from "./through_node.ts";

/** See {@link Transport.connect}. */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (!isIpc(endpoint) && (requireTcp(endpoint).source !== undefined || needsNode(options))) {
    return await connectThroughNode(requireTcp(endpoint), options);
  }
  try {
    if (isIpc(endpoint)) {
      const conn = await deno().connect({ transport: "unix", path: systemPath(endpoint), signal });
      if (!signal?.aborted) return new LinkCore(new DenoDriver(conn), endpoint.toString());
      conn.close();
    } else {
      const tcp = requireTcp(endpoint);
      const conn = await open(tcp, signal);
      const itself = selfError(conn);
      if (!signal?.aborted && itself === undefined) return tcpLink(conn, options, tcp.host);
      conn.close();
      if (itself !== undefined) throw itself;
    }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw cause instanceof ZmqError ? cause : tcpError(`Cannot connect to ${endpoint.toString()}`, cause);
  }
  throw signal!.reason;
}

/**
 * Opens a connection. Names are resolved here, because Deno continues its own look-up in a thread after the connection was
 * aborted; Deno itself gets the name only where the name is permitted and its addresses are not.
 */
async function open(tcp: TcpEndpoint, signal: AbortSignal | undefined): Promise<DenoTcpConn> {
  const { host, port } = tcp;
  const byName = { hostname: host, port };
  if (familyOf(host) !== undefined || host === "localhost") return await deno().connect({ ...byName, signal });
  const routes = await routesTo(tcp, signal).catch((error) => {
    // A permission for one port of a host does not permit the look-up.
    if (error instanceof ZmqError && error.code === "EACCES") return [];
    throw error;
  });
  if (routes.length === 0 || !routes.every(isPermitted)) return await deno().connect({ ...byName, signal });
  return await tryEach(routes, ({ host }, signal) => deno().connect({ hostname: host, port, signal }), signal);
}

function isPermitted({ host, port }: Route): boolean {
  return deno().permissions.querySync({ name: "net", host: `${bracketed(host)}:${port}` }).state === "granted";
}
