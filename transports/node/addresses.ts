/**
 * The addresses of the two ends of a tcp socket of Node's `net`.
 *
 * @module
 */

import type { Socket } from "node:net";
import { selfConnection, tcpEndpoint } from "../shared/tcp.ts";

/** The endpoint text of the peer; `undefined` for a peer that has already disconnected, which has no address. */
export function remoteOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : tcpEndpoint(remoteAddress, remotePort!);
}

/** See {@link selfConnection}. */
export function selfError({ localAddress, localPort, remoteAddress, remotePort }: Socket): Error | undefined {
  return selfConnection({ host: localAddress, port: localPort }, { host: remoteAddress, port: remotePort });
}
