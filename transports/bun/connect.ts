/**
 * Connecting, on Bun's own sockets.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions } from "../../src/transport/transport.ts";
import { systemPath } from "../shared/ipc.ts";
import { type Route, routesTo, sourceError, tryEach } from "../shared/routes.ts";
import { requireTcp, tcpError } from "../shared/tcp.ts";
import { comesFrom, remoteOf, selfError } from "./addresses.ts";
import { bun, type BunAddress, type BunSocket } from "./api.ts";
import type { BunDriver } from "./driver.ts";
import { handlers } from "./handlers.ts";

const LOST = { code: "ECONNRESET" };
const ELSEWHERE = { code: "EADDRNOTAVAIL" };

/** See {@link Transport.connect}. */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (isIpc(endpoint)) return await open(endpoint, { unix: systemPath(endpoint) }, {}, signal);
  const tcp = requireTcp(endpoint);
  // Names are resolved here: Bun itself would use an answer that may be half a minute old.
  const routes = await routesTo(tcp, signal);
  try {
    return await tryEach(routes, (route, signal) => open(tcp, addressOf(route), options, signal), signal);
  } catch (error) {
    throw signal?.aborted ? error : sourceError(tcp, error);
  }
}

function addressOf({ host, port, localAddress, localPort }: Route): BunAddress {
  if (localAddress === undefined) return { hostname: host, port };
  return { hostname: host, port, localAddress, localPort: localPort! };
}

function open(
  endpoint: Endpoint,
  where: BunAddress,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<LinkCore> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal!.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const failed = (cause: unknown) => {
      signal?.removeEventListener("abort", onAbort);
      reject(tcpError(`Cannot connect to ${endpoint.toString()}`, cause));
    };
    const opened = (link: LinkCore, socket: BunSocket<BunDriver>) => {
      if (!comesFrom(socket, where)) return failed(ELSEWHERE), link.abort();
      const itself = "unix" in where ? undefined : selfError(socket);
      // With a reset, so that nothing keeps the port.
      if (itself !== undefined) return failed(itself), socket.terminate();
      signal?.removeEventListener("abort", onAbort);
      resolve(link);
    };
    const remote = (socket: BunSocket<BunDriver>) =>
      "unix" in where ? endpoint.toString() : remoteOf(socket, where.hostname);
    const socket = handlers(opened, options, remote, signal);
    // Resolves after `open` was called: if there is no link then, the connection was lost before that.
    bun().connect({ ...where, socket, allowHalfOpen: true }).then(() => failed(LOST), failed);
  });
}
