/**
 * The addresses of the two ends of Deno's tcp connections.
 *
 * @module
 */

import { withZone } from "../shared/hosts.ts";
import { selfConnection, tcpEndpoint } from "../shared/tcp.ts";
import type { DenoTcpConn } from "./api.ts";

/**
 * The endpoint text of the peer.
 *
 * @param host The host that was connected or bound, of which link-local addresses get the zone.
 */
export function remoteOf({ remoteAddr: { hostname, port } }: DenoTcpConn, host: string): string {
  return tcpEndpoint(withZone(hostname, host), port);
}

/** See {@link selfConnection}. */
export function selfError({ localAddr, remoteAddr }: DenoTcpConn): Error | undefined {
  const { hostname: host, port } = localAddr;
  return selfConnection({ host, port }, { host: remoteAddr.hostname, port: remoteAddr.port });
}
