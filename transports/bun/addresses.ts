/**
 * The addresses of the two ends of Bun's sockets.
 *
 * @module
 */

import { withoutZone } from "../../src/base/ip_address.ts";
import { withZone } from "../shared/hosts.ts";
import { selfConnection, tcpEndpoint } from "../shared/tcp.ts";
import type { BunAddress, BunSocket } from "./api.ts";

type Socket = BunSocket<unknown>;

/**
 * The endpoint text of the peer; `undefined` for a peer that has already disconnected, which has no address.
 *
 * @param host The host that was connected or bound, of which link-local addresses get the zone.
 */
export function remoteOf({ remoteAddress, remotePort }: Socket, host: string): string | undefined {
  return remoteAddress === undefined ? undefined : tcpEndpoint(withZone(remoteAddress, host), remotePort!);
}

/** See {@link selfConnection}. */
export function selfError({ localAddress, localPort, remoteAddress, remotePort }: Socket): Error | undefined {
  return selfConnection({ host: localAddress, port: localPort }, { host: remoteAddress, port: remotePort });
}

/** Checks if Bun used the source address that it was given: some versions ignore it silently. */
export function comesFrom(socket: Socket, where: BunAddress): boolean {
  if ("unix" in where || where.localAddress === undefined) return true;
  const { localAddress, localPort } = where;
  const anyAddress = localAddress === "0.0.0.0" || localAddress === "::";
  return (anyAddress || socket.localAddress === withoutZone(localAddress)) &&
    (localPort === 0 || socket.localPort === localPort);
}
