/**
 * tcp and ipc on Deno's own sockets: connecting and listening. The links are in `driver.ts`.
 *
 * @module
 */

import { systemClock, type Timer } from "../../src/base/clock.ts";
import type { Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { endpointText } from "../../src/base/peer_text.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { ConnectOptions, Link, Listener, ListenOptions, TcpOptions } from "../../src/transport/transport.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { familyOf, hostToBind, withZone } from "../shared/hosts.ts";
import { listenIpc, systemPath } from "../shared/ipc.ts";
import { type Route, routesTo, tryEach } from "../shared/routes.ts";
import { BACKLOG, listenError, requireTcp, selfConnection, tcpEndpoint, tcpError } from "../shared/tcp.ts";
import type { DenoAddress, DenoConn, DenoTcpConn } from "./conn.ts";
import { DenoDriver } from "./driver.ts";
import { lookAtSockets } from "./look_at_sockets.ts";

interface DenoListener {
  accept(): Promise<DenoConn>;
  close(): void;
  unref(): void;
  ref(): void;
}

interface DenoTcpListener extends DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoTcpConn>;
}

interface UnixAddress {
  readonly transport: "unix";
  readonly path: string;
}

interface DenoNet {
  connect(options: DenoAddress & { readonly signal?: AbortSignal }): Promise<DenoTcpConn>;
  connect(options: UnixAddress & { readonly signal?: AbortSignal }): Promise<DenoConn>;
  listen(options: DenoAddress & { readonly tcpBacklog: number }): DenoTcpListener;
  listen(options: UnixAddress): DenoListener;
  readonly permissions: {
    querySync(about: { readonly name: "net"; readonly host: string }): { readonly state: string };
  };
}

const ACCEPT_RETRY = 100;
/** So many connections are accepted, and everything else in the process has its turn. */
const ACCEPT_SLICE = 16;
/** What `accept` fails with when a peer was gone again before it was accepted; the next one may be there already. */
const PEER_GONE: ReadonlySet<unknown> = new Set(["ENOTCONN", "ECONNRESET", "ECONNABORTED"]);

/** tcp and ipc for Deno 2.9.5 and later. */
export const denoTransport: CoreTransport = {
  async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (!isIpc(endpoint) && (requireTcp(endpoint).source !== undefined || needsNode(options))) {
      return polled(await (await nodeTransport(requireTcp(endpoint), "connect to")).connect(endpoint, options));
    }
    try {
      if (isIpc(endpoint)) {
        const conn = await deno().connect({ transport: "unix", path: systemPath(endpoint), signal });
        if (!signal?.aborted) return new LinkCore(new DenoDriver(conn), endpoint.toString());
        conn.close();
      } else {
        const tcp = requireTcp(endpoint);
        const { host: hostname } = tcp;
        const conn = await open(tcp, signal);
        const itself = isSelf(conn);
        if (!signal?.aborted && itself === undefined) return tcpLink(conn, options, hostname);
        conn.close();
        if (itself !== undefined) throw itself;
      }
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      throw cause instanceof ZmqError ? cause : tcpError(`Cannot connect to ${endpoint.toString()}`, cause);
    }
    throw signal!.reason;
  },

  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    const { backlog = BACKLOG, onError } = options;
    if (isIpc(endpoint)) {
      const listen = (path: string, text: string) => listenPath(path, text, onLink, onError);
      return await listenIpc(endpoint, { connect: tryPath, listen });
    }
    const tcp = requireTcp(endpoint);
    if (needsNode(options)) {
      const node = await nodeTransport(tcp, "listen on");
      return await node.listen(tcp, (link) => onLink(polled(link)), options).catch(rethrow);
    }
    const hostname = await hostToBind(tcp, options.ipv6);
    try {
      const listener = deno().listen({ hostname, port: tcp.port, tcpBacklog: backlog });
      const bound = tcpEndpoint(withZone(listener.addr.hostname, hostname), listener.addr.port);
      const accept = async () => tcpLink(await listener.accept(), options, hostname);
      return new Acceptor(bound, accept, listener, onLink, onError);
    } catch (cause) {
      throw listenError(`Cannot listen on ${endpoint.toString()}`, cause);
    }
  },
};

/**
 * Opens a connection. Names are looked up here, because a look-up of Deno's own goes on in a thread when its connection is
 * given up; Deno itself gets the name only where it is permitted, and its addresses are not.
 */
async function open(tcp: TcpEndpoint, signal: AbortSignal | undefined): Promise<DenoTcpConn> {
  const { host, port } = tcp;
  const byName = { hostname: host, port };
  if (familyOf(host) !== undefined || host === "localhost") return await deno().connect({ ...byName, signal });
  const routes = await routesTo(tcp, signal).catch((error) => {
    // The permission for one port of a host is none to look it up.
    if (error instanceof ZmqError && error.code === "EACCES") return [];
    throw error;
  });
  if (routes.length === 0 || !routes.every(isPermitted)) return await deno().connect({ ...byName, signal });
  return await tryEach(routes, ({ host }, signal) => deno().connect({ hostname: host, port, signal }), signal);
}

function isPermitted({ host, port }: Route): boolean {
  const shown = host.includes(":") ? `[${host}]` : host;
  return deno().permissions.querySync({ name: "net", host: `${shown}:${port}` }).state === "granted";
}

/** The time until the first keepalive probe cannot be set on Deno's own sockets. */
function needsNode({ tcpKeepalive, tcpKeepaliveIdle = -1 }: TcpOptions): boolean {
  return tcpKeepalive === 1 && tcpKeepaliveIdle > 0;
}

/** Deno's `node:net`, which knows no zones. */
async function nodeTransport(tcp: TcpEndpoint, attempt: string): Promise<CoreTransport> {
  if (tcp.toString().includes("%")) {
    const why = "on Deno a link-local address can be no source address, and has no tcpKeepaliveIdle";
    throw new ZmqError("ENOTSUP", `Cannot ${attempt} ${endpointText(tcp)}: ${why}`);
  }
  return (await import("../node/transport.ts")).nodeTransport;
}

/** Deno's `node:net` is on Deno's sockets, which a loop that is never idle seldom looks at. */
function polled<T extends Link>(link: T): T {
  return Object.assign(link, { poll: lookAtSockets });
}

/** Deno's `node:net` says EINVAL for an address of another machine. */
function rethrow(error: unknown): never {
  if (!(error instanceof ZmqError) || error.code !== "EINVAL") throw error;
  const { message, cause } = error;
  throw new ZmqError("EADDRNOTAVAIL", message, { cause });
}

function listenPath(
  path: string,
  endpoint: string,
  onLink: (link: Link) => void,
  onError: ((error: Error) => void) | undefined,
): Promise<Listener> {
  try {
    const listener = deno().listen({ transport: "unix", path });
    const accept = async () => new LinkCore(new DenoDriver(await listener.accept()), endpoint);
    return Promise.resolve(new Acceptor(endpoint, accept, listener, onLink, onError));
  } catch (cause) {
    return Promise.reject(listenError(`Cannot listen on ${endpoint}`, cause));
  }
}

async function tryPath(path: string): Promise<void> {
  (await deno().connect({ transport: "unix", path })).close();
}

class Acceptor implements Listener {
  readonly endpoint: string;
  readonly #listener: DenoListener;
  readonly #accepting: Promise<void>;
  #open = true;
  #refed = true;
  #retry: Timer | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(
    endpoint: string,
    accept: () => Promise<LinkCore>,
    listener: DenoListener,
    onLink: (link: Link) => void,
    onError?: (error: Error) => void,
  ) {
    this.endpoint = endpoint;
    this.#listener = listener;
    this.#accepting = this.#accept(accept, onLink, onError);
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      this.#listener.close();
      this.#retry?.cancel();
      this.#stopWaiting?.();
    }
    return this.#accepting;
  }

  unref(): void {
    this.#refed = false;
    this.#retry?.unref();
    if (this.#open) this.#listener.unref();
  }

  ref(): void {
    this.#refed = true;
    this.#retry?.ref();
    if (this.#open) this.#listener.ref();
  }

  async #accept(
    accept: () => Promise<LinkCore>,
    onLink: (link: Link) => void,
    onError?: (error: Error) => void,
  ): Promise<void> {
    for (let accepted = 1; this.#open; accepted++) {
      // What waits is accepted in a microtask: 128 of them would go before timers and sockets.
      if (accepted % ACCEPT_SLICE === 0) {
        await new Promise<void>((resolve) => systemClock.turn(() => lookAtSockets(resolve)));
      }
      try {
        const link = await accept();
        if (this.#open) onLink(link);
        else link.abort();
      } catch (cause) {
        if (!this.#open) return;
        if (PEER_GONE.has((cause as { code?: unknown }).code)) continue;
        onError?.(tcpError(`Cannot accept on ${this.endpoint}`, cause));
        // Out of file descriptors, for example, `accept` fails again at once.
        await new Promise<void>((resolve) => {
          this.#stopWaiting = resolve;
          this.#retry = systemClock.timer(ACCEPT_RETRY, resolve);
          if (!this.#refed) this.#retry.unref();
        });
      }
    }
  }
}

function isSelf({ localAddr, remoteAddr }: DenoTcpConn): Error | undefined {
  const { hostname: host, port } = localAddr;
  return selfConnection({ host, port }, { host: remoteAddr.hostname, port: remoteAddr.port });
}

function tcpLink(conn: DenoTcpConn, { tcpKeepalive = -1 }: TcpOptions, host: string): LinkCore {
  try {
    conn.setNoDelay(true);
    if (tcpKeepalive >= 0) conn.setKeepAlive(tcpKeepalive === 1);
    const { hostname, port } = conn.remoteAddr;
    return new LinkCore(new DenoDriver(conn), tcpEndpoint(withZone(hostname, host), port));
  } catch (cause) {
    conn.close();
    throw cause;
  }
}

declare const Deno: DenoNet;

function deno(): DenoNet {
  return Deno;
}
