/**
 * Connecting, on Node's `net`.
 *
 * @module
 */

import { connect as connectSocket, type LookupFunction, type NetConnectOpts } from "node:net";
import { familyOf } from "../../src/base/ip_address.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { ConnectOptions } from "../../src/transport/transport.ts";
import { lookUp } from "../shared/hosts.ts";
import { systemPath } from "../shared/ipc.ts";
import { ATTEMPT_TIMEOUT, routesTo, sourceError, tryEach } from "../shared/routes.ts";
import { requireTcp, setTcpOptions, tcpError } from "../shared/tcp.ts";
import { remoteOf, selfError } from "./addresses.ts";
import { NodeDriver, STREAM_MARK } from "./driver.ts";

/** See {@link Transport.connect}. */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
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
  // With a source address Node would try only the first address of a name.
  const routes = await routesTo(tcp, signal);
  try {
    return await tryEach(routes, (route, signal) => open(tcp, { ...route }, options, signal), signal);
  } catch (error) {
    throw signal?.aborted ? error : sourceError(tcp, error);
  }
}

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
      readableHighWaterMark: STREAM_MARK,
    };
    const socket = connectSocket(full);
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
      const itself = isIpc(endpoint) ? undefined : selfError(socket);
      // With a reset, so that nothing keeps the port.
      if (itself !== undefined) return socket.resetAndDestroy(), onError(itself);
      setTcpOptions(socket, options);
      const link = new LinkCore(new NodeDriver(socket), remote);
      socket.off("error", onError);
      resolve(link);
    });
  });
}

/** Resolves names for Node as for all sockets of this process. */
function sharedLookUp(signal: AbortSignal | undefined): LookupFunction {
  return (host, { all }, callback) => {
    lookUp(host, signal).then((addresses) => {
      const found = addresses.map((address) => ({ address, family: familyOf(address)! }));
      if (all === true) callback(null, found);
      else callback(null, found[0]!.address, found[0]!.family);
    }, (error) => callback(error as Error, ""));
  };
}

function connectionLost(): Error {
  return Object.assign(new Error("The connection was lost"), { code: "ECONNRESET" });
}
