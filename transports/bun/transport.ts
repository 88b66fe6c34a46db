/**
 * tcp and ipc on Bun's own sockets: connecting and listening. The links are in `driver.ts`.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { isIpc } from "../../src/schemes/ipc.ts";
import type { ConnectOptions, Link, Listener, ListenOptions, TcpOptions } from "../../src/transport/transport.ts";
import { LinkCore } from "../../src/transport/link.ts";
import type { CoreTransport } from "../shared/core_transport.ts";
import { hostToBind, withZone } from "../shared/hosts.ts";
import { listenIpc, LONGEST_PATH, systemPath } from "../shared/ipc.ts";
import { fileAt, isOwnName, leavingName } from "../shared/ipc_path.ts";
import { causeInTruth } from "../shared/open_files.ts";
import { type Route, routesTo, sourceError, tryEach } from "../shared/routes.ts";
import { listenError, requireTcp, selfConnection, setTcpOptions, tcpEndpoint, tcpError } from "../shared/tcp.ts";
import { BunDriver } from "./driver.ts";
import type { BunSocket } from "./socket.ts";

type Socket = BunSocket<BunDriver>;

interface SocketHandlers {
  open(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
  drain(socket: Socket): void;
  end(socket: Socket): void;
  close(socket: Socket, error?: Error): void;
}

interface Address {
  readonly hostname: string;
  readonly port: number;
  /** Not in Bun's documentation; honoured only where `hostname` is an IP address. */
  readonly localAddress?: string;
  /** Honoured only with `localAddress`. */
  readonly localPort?: number;
}

interface BunListener {
  readonly port: number;
  getsockname(into: { address?: string }): void;
  stop(): void;
  unref(): void;
  ref(): void;
}

interface UnixAddress {
  readonly unix: string;
}

interface SocketOptions {
  readonly socket: SocketHandlers;
  /** Without it Bun closes on the peer's end, though `close` may still have data to send. */
  readonly allowHalfOpen: true;
}

interface BunNet {
  connect(options: SocketOptions & (Address | UnixAddress)): Promise<Socket>;
  listen(options: SocketOptions & (Address | UnixAddress)): BunListener;
}

/** tcp and ipc for Bun 1.4 and later. */
export const bunTransport: CoreTransport = {
  async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<LinkCore> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (isIpc(endpoint)) return await open(endpoint, { unix: systemPath(endpoint) }, {}, signal);
    const tcp = requireTcp(endpoint);
    // Names are looked up here: Bun itself would go by a look-up of up to half a minute ago.
    const routes = await routesTo(tcp, signal);
    try {
      return await tryEach(routes, (route, signal) => openRoute(tcp, route, options, signal), signal);
    } catch (error) {
      throw signal?.aborted ? error : sourceError(tcp, error);
    }
  },

  // Bun's accept queue cannot be set, and Bun tells nobody what goes wrong while accepting: no use for those options.
  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    if (isIpc(endpoint)) {
      return await listenIpc(endpoint, { connect: tryPath, listen: (path, text) => listenPath(path, text, onLink) });
    }
    const stopped = new AbortController();
    const { port } = requireTcp(endpoint);
    const hostname = await hostToBind(requireTcp(endpoint), options.ipv6);
    const socket = handlers(onLink, options, tcpRemote(hostname), stopped.signal);
    try {
      const listener = bun().listen({ hostname, port, socket, allowHalfOpen: true });
      const bound: { address?: string } = {};
      listener.getsockname(bound);
      return listenerOf(listener, tcpEndpoint(withZone(bound.address!, hostname), listener.port), stopped);
    } catch (cause) {
      // A host name that is not known is all else that Bun has no code for here.
      const known = (cause as { code?: unknown }).code === undefined ? { code: "ENOTFOUND", cause } : cause;
      throw listenError(`Cannot listen on ${endpoint.toString()}`, known);
    }
  },
};

async function openRoute(
  endpoint: Endpoint,
  { host, port, localAddress, localPort }: Route,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<LinkCore> {
  if (localAddress === undefined) return await open(endpoint, { hostname: host, port }, options, signal);
  return await open(endpoint, { hostname: host, port, localAddress, localPort: localPort! }, options, signal);
}

/** A line of Linux's list of Unix sockets: the flag of those that accept connections, and the path. */
const LISTENS = /^\S+ \S+ \S+ 00010000 \S+ \S+ +\S+ (.*)$/;

const LOST = { code: "ECONNRESET" };
const ELSEWHERE = { code: "EADDRNOTAVAIL" };

function open(
  endpoint: Endpoint,
  where: Address | UnixAddress,
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
    const opened = (link: LinkCore, socket: Socket) => {
      if (!comesFrom(socket, where)) return failed(ELSEWHERE), link.abort();
      const itself = "unix" in where ? undefined : isSelf(socket);
      // With a reset, so that nothing keeps the port.
      if (itself !== undefined) return failed(itself), socket.terminate();
      signal?.removeEventListener("abort", onAbort);
      resolve(link);
    };
    const remote = "unix" in where ? () => endpoint.toString() : tcpRemote(where.hostname);
    const socket = handlers(opened, options, remote, signal);
    // Resolved after `open`: without a link by now, the connection was lost before it could be looked at.
    bun().connect({ ...where, socket, allowHalfOpen: true }).then(
      () => failed(LOST),
      failed,
    );
  });
}

/** Whether Bun did what was asked for: some versions pass the source address over without a word. */
function comesFrom(socket: Socket, where: Address | UnixAddress): boolean {
  if ("unix" in where || where.localAddress === undefined) return true;
  const { localAddress, localPort } = where;
  const anyAddress = localAddress === "0.0.0.0" || localAddress === "::";
  return (anyAddress || socket.localAddress === localAddress.replace(/%.*/, "")) &&
    (localPort === 0 || socket.localPort === localPort);
}

function isSelf({ localAddress, localPort, remoteAddress, remotePort }: Socket): Error | undefined {
  return selfConnection({ host: localAddress, port: localPort }, { host: remoteAddress, port: remotePort });
}

// deno-lint-ignore require-await -- what it throws shall reject
async function listenPath(path: string, endpoint: string, onLink: (link: Link) => void): Promise<Listener> {
  const stopped = new AbortController();
  const socket = handlers(onLink, {}, () => endpoint, stopped.signal);
  try {
    return listenerOf(bun().listen({ unix: path, socket, allowHalfOpen: true }), endpoint, stopped);
  } catch (cause) {
    throw listenError(`Cannot listen on ${endpoint}`, cause);
  }
}

/** `stopped` closes what Bun still opens behind the end. */
function listenerOf(listener: BunListener, endpoint: string, stopped: AbortController): Listener {
  return {
    endpoint,
    close() {
      stopped.abort();
      listener.stop();
      return Promise.resolve();
    },
    unref: () => listener.unref(),
    ref: () => listener.ref(),
  };
}

async function tryPath(path: string): Promise<void> {
  const nothing = () => {};
  const socket = { open: nothing, data: nothing, drain: nothing, end: nothing, close: nothing };
  try {
    (await bun().connect({ unix: path, socket, allowHalfOpen: true })).close();
  } catch (error) {
    const cause = await causeInTruth(error);
    // To Bun a full queue of connections is a refusal; Linux lists who listens.
    if (await isListed(path)) throw { code: "EAGAIN", cause };
    throw cause;
  }
}

/** Whether Linux lists a socket that listens at the path, by the path or by the name of its own that it had before. */
async function isListed(path: string): Promise<boolean> {
  if (path.startsWith("\0")) return (await listening()).includes(`@${path.slice(1)}`);
  const files = await import("node:fs/promises");
  const there = await fileAt(path, files);
  const named: string[] = [];
  for (const listens of await listening()) {
    if (listens === path) return true;
    if (!isOwnName(listens, path, LONGEST_PATH)) continue;
    // A name so short that it is kept is told by its file; any other is gone once its socket has the path, or gives up.
    const own = await fileAt(listens, files);
    if (own !== undefined && own.ino === there?.ino) return true;
    if (own === undefined && await fileAt(leavingName(listens), files) === undefined) named.push(listens);
  }
  if (named.length === 0) return false;
  const still = await listening();
  return named.some((name) => still.includes(name));
}

/** The paths of the Unix sockets that listen, where Linux tells. */
async function listening(): Promise<string[]> {
  const { readFile } = await import("node:fs/promises");
  const list = await readFile("/proc/net/unix", "utf8").catch(() => "");
  return list.split("\n").flatMap((line) => LISTENS.exec(line)?.[1] ?? []);
}

/** The callbacks of Bun's sockets; each socket carries its driver. One that opens when nobody wants it is closed. */
function handlers(
  onLink: (link: LinkCore, socket: Socket) => void,
  options: TcpOptions,
  remoteOf: (socket: Socket) => string | undefined,
  unwanted: AbortSignal | undefined,
): SocketHandlers {
  return {
    open(socket) {
      // A connect cannot be cancelled on Bun, so it may open long after it was given up; and a socket whose peer is
      // gone already has no address any more.
      const remote = remoteOf(socket);
      if (unwanted?.aborted || remote === undefined) return socket.close();
      setTcpOptions(socket, options);
      socket.data = new BunDriver(socket);
      onLink(new LinkCore(socket.data, remote), socket);
    },
    data(socket, chunk) {
      socket.data?.sink.received(chunk);
    },
    drain(socket) {
      socket.data?.writable();
    },
    end(socket) {
      socket.data?.sink.peerEnded();
    },
    close(socket, error) {
      socket.data?.gone(error);
    },
  };
}

/** Where the other end of a socket is, which was connected to or accepted at this host. */
function tcpRemote(host: string): (socket: Socket) => string | undefined {
  return ({ remoteAddress, remotePort }) =>
    remoteAddress === undefined ? undefined : tcpEndpoint(withZone(remoteAddress, host), remotePort!);
}

declare const Bun: BunNet;

function bun(): BunNet {
  return Bun;
}
