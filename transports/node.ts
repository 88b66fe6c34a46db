/**
 * tcp and ipc on Node's `net`. See `src/transport.ts` for what a link promises.
 *
 * Chunks come from `data` events, each with memory of its own. A write is known to be complete at once when nothing
 * of it is left in the stream's queue; otherwise the write callback tells.
 *
 * @module
 */

import { connect, createServer, type ListenOptions as ListenConfig, type NetConnectOpts, type Socket } from "node:net";
import { type Endpoint, IpcEndpoint } from "../src/endpoint.ts";
import {
  CLOSE_GRACE,
  type ConnectOptions,
  type Link,
  type LinkSink,
  type Listener,
  type ListenOptions,
  type Transport,
} from "../src/transport.ts";
import { claimPath, systemPath } from "./ipc.ts";
import { BACKLOG, bindHost, Hold, requireTcp, tcpEndpoint, tcpError } from "./tcp.ts";

const OPEN = 0;
/** `close` was called: what was written goes out, what comes in is dropped. */
const CLOSING = 1;
/** The socket is destroyed; its `close` event is still to come. */
const DEAD = 2;
const CLOSED = 3;

/** With more than one address, how long (ms) one may take before the next is tried; Node's 250 gives up slow links. */
const ATTEMPT_TIMEOUT = 1000;
/** One chunk fills the stream's buffer, so a paused link holds no more than that and then stops reading. */
const HIGH_WATER_MARK = 1;

class NodeLink implements Link {
  readonly remote: string;
  readonly #socket: Socket;
  readonly #hold = new Hold();
  readonly #closed: Promise<void>;
  #resolveClosed!: () => void;
  #sink: LinkSink | undefined;
  #state: number = OPEN;
  #error: Error | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #writesIssued = 0;
  #writesDone = 0;
  #draining = false;
  #paused = false;
  /** The peer ended its side while the link was paused. */
  #endHeld = false;

  constructor(socket: Socket, remote: string) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.remote = remote;
    this.#closed = new Promise((resolve) => this.#resolveClosed = resolve);
    socket.on("error", (error) => {
      // Once the end is sent, a peer that drops the connection instead of ending it does no harm.
      if (this.#state === OPEN || (this.#state === CLOSING && this.#grace === undefined)) {
        this.#error ??= tcpError(`Connection to ${this.remote} failed`, error);
      }
    });
    socket.on("end", () => {
      // Told even while the stream is paused: the peer's end waits, as it does on the other runtimes.
      if (this.#paused) this.#endHeld = true;
      else if (this.#state === OPEN) this.#destroy();
    });
    socket.on("close", () => this.#onClosed());
  }

  start(sink: LinkSink): void {
    this.#sink = sink;
    if (this.#state === CLOSED) return queueMicrotask(() => sink.onClose(this.#error));
    if (this.#state !== OPEN) return;
    this.#socket.on("data", (chunk: Uint8Array) => {
      if (this.#state === OPEN) sink.onData(chunk);
    });
    if (!this.#paused) this.#socket.resume();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#state !== OPEN) return true;
    const socket = this.#socket;
    if (chunks.length === 1) {
      this.#writesIssued++;
      socket.write(chunks[0]!, this.#onWritten);
    } else {
      socket.cork();
      for (let i = 0; i < chunks.length; i++) {
        this.#writesIssued++;
        socket.write(chunks[i]!, this.#onWritten);
      }
      socket.uncork();
    }
    if (socket.writableLength === 0) return true;
    this.#draining = true;
    return false;
  }

  // Callbacks of earlier writes, which completed at once, come late too: only the last one means drained.
  readonly #onWritten = (error?: Error | null): void => {
    this.#writesDone++;
    if (error || !this.#draining || this.#writesDone !== this.#writesIssued) return;
    this.#draining = false;
    if (this.#state === OPEN) this.#sink?.onDrain();
  };

  pause(): void {
    if (this.#state !== OPEN) return;
    this.#paused = true;
    this.#socket.pause();
    this.#hold.hold();
  }

  resume(): void {
    if (this.#state !== OPEN || !this.#paused) return;
    this.#paused = false;
    this.#hold.release();
    if (this.#endHeld) {
      queueMicrotask(() => {
        if (this.#state === OPEN && !this.#paused) this.#destroy();
      });
    }
    // Before `start` nobody takes the data: a stream made to flow then would lose it.
    if (this.#sink !== undefined) this.#socket.resume();
  }

  close(): Promise<void> {
    if (this.#state === OPEN) {
      this.#state = CLOSING;
      this.#hold.release();
      this.#socket.once("finish", () => {
        this.#grace = setTimeout(() => this.#destroy(), CLOSE_GRACE);
      });
      this.#socket.end();
      // Unread data at the time of the real close would make the kernel send a reset, which can destroy data on its way.
      this.#socket.resume();
    }
    return this.#closed;
  }

  abort(reason?: Error): void {
    if (this.#state >= DEAD) return;
    this.#error = reason ?? this.#error;
    this.#destroy();
  }

  #destroy(): void {
    this.#state = DEAD;
    this.#socket.destroy();
  }

  #onClosed(): void {
    this.#state = CLOSED;
    this.#hold.release();
    clearTimeout(this.#grace);
    this.#sink?.onClose(this.#error);
    this.#resolveClosed();
  }
}

/** tcp and ipc for Node 20 and later. */
export const nodeTransport: Transport = {
  connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Link> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const how: NetConnectOpts & { readableHighWaterMark: number; allowHalfOpen: true } = {
        allowHalfOpen: true,
        ...endpoint instanceof IpcEndpoint ? { path: systemPath(endpoint) } : {
          host: requireTcp(endpoint).host,
          port: requireTcp(endpoint).port,
          autoSelectFamily: true,
          autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
        },
        readableHighWaterMark: HIGH_WATER_MARK,
      };
      const socket = connect(how);
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
        const remote = endpoint instanceof IpcEndpoint ? endpoint.toString() : remoteOf(socket);
        if (remote === undefined) return socket.destroy(), onError(connectionLost());
        const link = new NodeLink(socket, remote);
        socket.off("error", onError);
        resolve(link);
      });
    });
  },

  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    const backlog = options.backlog ?? BACKLOG;
    if (!(endpoint instanceof IpcEndpoint)) {
      const host = bindHost(requireTcp(endpoint));
      return await listen(endpoint.toString(), { host, port: requireTcp(endpoint).port, backlog }, onLink, options);
    }
    const claimed = await claimPath(endpoint, isLive);
    try {
      const listener = await listen(claimed.endpoint, { path: claimed.path, backlog }, onLink, options);
      return { endpoint: claimed.endpoint, close: () => listener.close().then(claimed.release) };
    } catch (error) {
      await claimed.release();
      throw error;
    }
  },
};

function listen(
  asked: string,
  where: ListenConfig,
  onLink: (link: Link) => void,
  options: ListenOptions,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ highWaterMark: HIGH_WATER_MARK, allowHalfOpen: true }, (socket) => {
      const remote = where.path === undefined ? remoteOf(socket) : asked;
      if (remote !== undefined) return onLink(new NodeLink(socket, remote));
      socket.on("error", () => {});
      socket.destroy();
    });
    const onError = (error: Error) => reject(tcpError(`Cannot listen on ${asked}`, error));
    server.once("error", onError);
    server.listen(where, () => {
      server.off("error", onError);
      server.on("error", (error) => options.onError?.(tcpError(`Cannot accept on ${bound}`, error)));
      const address = server.address();
      const bound = typeof address === "object" && address !== null
        ? tcpEndpoint(address.address, address.port)
        : asked;
      resolve({
        endpoint: bound,
        close() {
          // Not waited for: its callback comes only when the accepted connections are gone as well.
          if (server.listening) server.close();
          return Promise.resolve();
        },
      });
    });
  });
}

/** Where the peer is; a peer may be gone again before its connection is looked at, and has no address any more. */
function remoteOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remoteAddress === undefined ? undefined : tcpEndpoint(remoteAddress, remotePort!);
}

function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false)).once(
      "connect",
      () => socket.destroy(),
    );
  });
}

function connectionLost(): Error {
  return Object.assign(new Error("The connection was lost"), { code: "ECONNRESET" });
}
