/**
 * Routes to a tcp endpoint: each address of its host, from the source address of the endpoint if it has one. And attempts over one
 * route after the other.
 *
 * @module
 */

import { familyOf } from "../../src/base/ip_address.ts";
import { systemClock } from "../../src/base/clock.ts";
import type { TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import { interfaceAddresses, lookUp } from "./hosts.ts";
import { tcpError } from "./tcp.ts";

/** One route to a host. */
export interface Route {
  /** The IP address to connect to. */
  readonly host: string;
  /** The port to connect to. */
  readonly port: number;
  /** The IP address to connect from, which may be that of any interface; `undefined` for no preference. */
  readonly localAddress?: string;
  /** The port to connect from; 0 is any. */
  readonly localPort?: number;
}

/** Time (ms) for an attempt before the next address is tried, if there are more than one. */
export const ATTEMPT_TIMEOUT = 1000;

/**
 * Returns the routes to an endpoint, at least one.
 *
 * @throws {ZmqError} `ENOTFOUND` if a name is not known, `EADDRNOTAVAIL` if no address fits the source, and the signal's
 *   reason when it fires.
 */
export async function routesTo(endpoint: TcpEndpoint, signal?: AbortSignal): Promise<readonly Route[]> {
  const { host, port, source } = endpoint;
  if (source === undefined && familyOf(host) !== undefined) return [{ host, port }];
  try {
    return await (source === undefined ? direct(endpoint, signal) : fromSource(endpoint, source, signal));
  } catch (cause) {
    if (signal?.aborted || cause instanceof ZmqError) throw cause;
    throw tcpError(`Cannot connect to ${endpoint.toString()}`, cause);
  }
}

async function direct({ host, port }: TcpEndpoint, signal: AbortSignal | undefined): Promise<readonly Route[]> {
  return (await lookUp(host, signal)).map((address) => ({ host: address, port }));
}

async function fromSource(
  endpoint: TcpEndpoint,
  source: NonNullable<TcpEndpoint["source"]>,
  signal: AbortSignal | undefined,
): Promise<readonly Route[]> {
  const { port } = endpoint;
  const locals = await sourceAddresses(source.host, signal);
  const routes = (await lookUp(endpoint.host, signal)).flatMap((host): Route[] => {
    const localAddress = locals.find((local) => familyOf(local) === familyOf(host));
    return localAddress === undefined ? [] : [{ host, port, localAddress, localPort: source.port }];
  });
  if (routes.length > 0) return routes;
  const why = "source and target have no addresses of the same kind, IPv4 or IPv6";
  throw new ZmqError("EADDRNOTAVAIL", `Cannot connect to ${endpointText(endpoint)}: ${why}`);
}

async function sourceAddresses(host: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  if (host === "*") return ["0.0.0.0", "::"];
  const addresses = await interfaceAddresses(host);
  return addresses.length > 0 ? addresses : await lookUp(host, signal);
}

/**
 * Attempts one route after the other until one succeeds. All except the last get {@link ATTEMPT_TIMEOUT} ms.
 *
 * @param attempt Connects; rejects soon when its signal fires, with the signal's reason.
 * @throws The error of the last attempt, or the reason of `signal` when it fires.
 */
export async function tryEach<T>(
  routes: readonly Route[],
  attempt: (route: Route, signal: AbortSignal | undefined) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (const route of routes.slice(0, -1)) {
    const limit = new AbortController();
    const giveUp = () => limit.abort(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const timer = systemClock.timer(ATTEMPT_TIMEOUT, () => limit.abort());
    try {
      return await attempt(route, limit.signal);
    } catch {
      if (signal?.aborted) throw signal.reason;
    } finally {
      timer.cancel();
      signal?.removeEventListener("abort", giveUp);
    }
  }
  return await attempt(routes.at(-1)!, signal);
}

/** Returns the error with a message about the source address, if it is about that; most messages are about the peer. */
export function sourceError(endpoint: TcpEndpoint, error: unknown): unknown {
  if (endpoint.source === undefined || !(error instanceof ZmqError)) return error;
  // Deno reports EINVAL for both.
  if (error.code !== "EADDRNOTAVAIL" && error.code !== "EADDRINUSE" && error.code !== "EINVAL") return error;
  const { cause } = error;
  const code = error.code === "EADDRINUSE" ? "EADDRINUSE" : "EADDRNOTAVAIL";
  const why = code === "EADDRINUSE"
    ? "is in use"
    : "does not belong to this machine, or is still in use for this target";
  return new ZmqError(code, `Cannot connect to ${endpointText(endpoint)}: the source address ${why}`, { cause });
}
