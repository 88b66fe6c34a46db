/**
 * tcp on Deno's own sockets: connecting and listening. The links are in `deno_link.ts`.
 *
 * @module
 */

import { type Endpoint, formatEndpoint } from "../src/endpoint.ts";
import type { ConnectOptions, Link, Listener, ListenOptions, Transport } from "../src/transport.ts";
import { type DenoAddress, type DenoConn, DenoLink } from "./deno_link.ts";
import { BACKLOG, bindHost, tcpEndpoint, tcpError } from "./tcp.ts";

interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
}

interface DenoNet {
  connect(options: DenoAddress & { readonly signal?: AbortSignal }): Promise<DenoConn>;
  listen(options: DenoAddress & { readonly tcpBacklog: number }): DenoListener;
}

const ACCEPT_RETRY = 100;
/** What `accept` fails with when a peer was gone again before it was accepted; the next one may be there already. */
const PEER_GONE: ReadonlySet<unknown> = new Set(["ENOTCONN", "ECONNRESET", "ECONNABORTED"]);

/** tcp for Deno 2.9.5 and later. */
export const denoTransport: Transport = {
  async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Link> {
    const { signal } = options;
    signal?.throwIfAborted();
    try {
      const conn = await deno().connect({ hostname: endpoint.host, port: endpoint.port, signal });
      if (!signal?.aborted) return link(conn);
      conn.close();
    } catch (cause) {
      if (!signal?.aborted) throw tcpError(`Cannot connect to ${formatEndpoint(endpoint)}`, cause);
    }
    throw signal.reason;
  },

  // deno-lint-ignore require-await -- so that what `Deno.listen` throws becomes a rejection.
  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    const { backlog = BACKLOG, onError } = options;
    try {
      const listener = deno().listen({ hostname: bindHost(endpoint), port: endpoint.port, tcpBacklog: backlog });
      return new DenoTcpListener(listener, onLink, onError);
    } catch (cause) {
      throw tcpError(`Cannot listen on ${formatEndpoint(endpoint)}`, cause);
    }
  },
};

class DenoTcpListener implements Listener {
  readonly endpoint: string;
  readonly #listener: DenoListener;
  readonly #accepting: Promise<void>;
  #open = true;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(listener: DenoListener, onLink: (link: Link) => void, onError?: (error: Error) => void) {
    this.#listener = listener;
    this.endpoint = tcpEndpoint(listener.addr.hostname, listener.addr.port);
    this.#accepting = this.#accept(onLink, onError);
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      this.#listener.close();
      clearTimeout(this.#retry);
      this.#stopWaiting?.();
    }
    return this.#accepting;
  }

  async #accept(onLink: (link: Link) => void, onError?: (error: Error) => void): Promise<void> {
    while (this.#open) {
      try {
        const conn = await this.#listener.accept();
        if (this.#open) onLink(link(conn));
        else conn.close();
      } catch (cause) {
        if (!this.#open) return;
        if (PEER_GONE.has((cause as { code?: unknown }).code)) continue;
        onError?.(tcpError(`Cannot accept on ${this.endpoint}`, cause));
        // Out of file descriptors, for example, `accept` fails again at once.
        await new Promise<void>((resolve) => {
          this.#stopWaiting = resolve;
          this.#retry = setTimeout(resolve, ACCEPT_RETRY);
        });
      }
    }
  }
}

function link(conn: DenoConn): Link {
  try {
    conn.setNoDelay(true);
    return new DenoLink(conn);
  } catch (cause) {
    conn.close();
    throw cause;
  }
}

function deno(): DenoNet {
  return (globalThis as unknown as { readonly Deno: DenoNet }).Deno;
}
