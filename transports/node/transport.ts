/**
 * tcp and ipc on Node's `net`: connecting and listening. The links are in `driver.ts`.
 *
 * Deno uses this one too, for what its own sockets cannot do.
 *
 * @module
 */

import {
  connect,
  createServer,
  type ListenOptions as ListenConfig,
  type LookupFunction,
  type NetConnectOpts,
  type Socket,
} from "node:net";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { ConnectOptions, Link, Listener, ListenOptions } from "../../src/transport/transport.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { familyOf, hostToBind, lookUp, withZone } from "../shared/hosts.ts";
import { listenIpc, pipeError, systemPath } from "../shared/ipc.ts";
import { ATTEMPT_TIMEOUT, routesTo, sourceError, tryEach } from "../shared/routes.ts";
import {
  BACKLOG,
  listenError,
  requireTcp,
  selfConnection,
  setTcpOptions,
  tcpEndpoint,
  tcpError,
} from "../shared/tcp.ts";
import { NodeDriver } from "./driver.ts";

/** One chunk fills the stream's buffer, so a paused link holds no more than that and then stops reading. */
const HIGH_WATER_MARK = 1;

/** tcp and ipc for Node 20 and later. */
export const nodeTransport: CoreTransport = {
  async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (isIpc(endpoint)) return await open(endpoint, { path: systemPath(endpoint) }, {}, signal);
    const tcp = requireTcp(endpoint);
    if (tcp.source === undefined) {
      const { host, port } = tcp;
      const lookup = sharedLookUp(signal);
      const how = { host, port, lookup, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT };
      return await open(tcp, how, options, signal);
    }
    // With a source Node would try the first address of a name only.
    const routes = await routesTo(tcp, signal);
    try {
      return await tryEach(routes, (route, signal) => open(tcp, { ...route }, options, signal), signal);
    } catch (error) {
      throw signal?.aborted ? error : sourceError(tcp, error);
    }
  },

  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    const backlog = options.backlog ?? BACKLOG;
    if (!isIpc(endpoint)) {
      const tcp = requireTcp(endpoint);
      const host = await hostToBind(tcp, options.ipv6);
      return await listen(tcp.toString(), { host, port: tcp.port, backlog }, onLink, options);
    }
    return await listenIpc(endpoint, {
      connect: tryPath,
      listen: (path, text) =>
        listen(text, { path, backlog }, onLink, options).catch(async (error) => {
          throw await pipeError(error, path, text);
        }),
    });
  },
};

function open(
  endpoint: Endpoint,
  how: NetConnectOpts,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<LinkCore> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const full: NetConnectOpts & { readableHighWaterMark: number; allowHalfOpen: true } = {
      ...how,
      allowHalfOpen: true,
      readableHighWaterMark: HIGH_WATER_MARK,
    };
    const socket = connect(full);
    const onAbort = () => {
      socket.destroy();
      reject(signal!.reason);
    };
    const onError = (error: Error) => {
      signal?.removeEventListener("abort", onAbort);
      reject(tcpError(`Cannot connect to ${endpoint.toString()}`, error));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.once("connect", () => {
      signal?.removeEventListener("abort", onAbort);
      const remote = isIpc(endpoint) ? endpoint.toString() : remoteOf(socket);
      if (remote === undefined) return socket.destroy(), onError(connectionLost());
      const itself = isIpc(endpoint) ? undefined : isSelf(socket);
      // With a reset, so that nothing keeps the port.
      if (itself !== undefined) return socket.resetAndDestroy(), onError(itself);
      setTcpOptions(socket, options);
      const link = new LinkCore(new NodeDriver(socket), remote);
      socket.off("error", onError);
      resolve(link);
    });
  });
}

/** How Node is to look names up: as all sockets of this process do. */
function sharedLookUp(signal: AbortSignal | undefined): LookupFunction {
  return (host, { all }, callback) => {
    lookUp(host, signal).then((addresses) => {
      const found = addresses.map((address) => ({ address, family: familyOf(address)! }));
      if (all === true) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    }, (error) => callback(error as Error, ""));
  };
}

function listen(
  asked: string,
  where: ListenConfig,
  onLink: (link: Link) => void,
  options: ListenOptions,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ highWaterMark: HIGH_WATER_MARK, allowHalfOpen: true }, (socket) => {
      const remote = where.path === undefined ? remoteOf(socket) : asked;
      if (remote !== undefined) {
        if (where.path === undefined) setTcpOptions(socket, options);
        return onLink(new LinkCore(new NodeDriver(socket), remote));
      }
      socket.on("error", () => {});
      socket.destroy();
    });
    const onError = (error: Error) => reject(listenError(`Cannot listen on ${asked}`, error));
    server.once("error", onError);
    // Without it the workers of `node:cluster` share one listener, and a connection goes to any of them.
    server.listen({ ...where, exclusive: true }, () => {
      server.off("error", onError);
      server.on("error", (error) => options.onError?.(tcpError(`Cannot accept on ${bound}`, error)));
      const address = server.address();
      const bound = typeof address === "object" && address !== null
        ? tcpEndpoint(withZone(address.address, where.host!), address.port)
        : asked;
      resolve({
        endpoint: bound,
        close() {
          // Not waited for: its callback comes only when the accepted connections are gone as well.
          if (server.listening) server.close();
          return Promise.resolve();
        },
        unref: () => void server.unref(),
        ref: () => void server.ref(),
      });
    });
  });
}

/** Where the peer is; a peer may be gone again before its connection is looked at, and has no address any more. */
function remoteOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : tcpEndpoint(remoteAddress, remotePort!);
}

function isSelf({ localAddress, localPort, remoteAddress, remotePort }: Socket): Error | undefined {
  return selfConnection({ host: localAddress, port: localPort }, { host: remoteAddress, port: remotePort });
}

function tryPath(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject).once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

function connectionLost(): Error {
  return Object.assign(new Error("The connection was lost"), { code: "ECONNRESET" });
}
