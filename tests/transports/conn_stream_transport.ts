/**
 * A tcp transport through Web streams on Deno's own connections. (Its `node:net` breaks a connection of which one side
 * has ended, and `conn.readable` closes both.)
 *
 * @module
 */

import { linkOf } from "../../src/transport/byte_stream.ts";
import type { Endpoint, TcpEndpoint } from "../../src/schemes/endpoint.ts";
import type { ConnectOptions, Link, Listener, Transport } from "../../src/transport/transport.ts";
import { tcpEndpoint, tcpError } from "../../transports/shared/tcp.ts";
import type { ByteStreams } from "../support/web_streams.ts";

interface Address {
  readonly hostname: string;
  readonly port: number;
}

interface Conn {
  readonly remoteAddr: Address;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay(): void;
}

interface DenoNet {
  connect(options: Address & { readonly signal?: AbortSignal | undefined }): Promise<Conn>;
  listen(options: Address): { readonly addr: Address; accept(): Promise<Conn>; close(): void };
}

const { Deno: net } = globalThis as unknown as { Deno: DenoNet };

/** A connection as Web streams; it is closed when both streams have ended. */
function streamsOf(conn: Conn): ByteStreams {
  const open = { readable: true, writable: true };
  const leave = (side: keyof typeof open, both = false) => {
    const before = open.readable || open.writable;
    open[side] = false;
    if (both) open.readable = open.writable = false;
    if (before && !open.readable && !open.writable) conn.close();
  };
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const into = new Uint8Array(65_536);
        const length = await conn.read(into);
        if (length !== null) return controller.enqueue(into.subarray(0, length));
        leave("readable");
        controller.close();
      } catch (error) {
        leave("readable", true);
        throw error;
      }
    },
    // There is no reader: further bytes of the peer are answered by a reset.
    cancel: () => leave("readable", !open.writable),
  }, { highWaterMark: 0 });
  const writable = new WritableStream<Uint8Array>({
    async write(chunk) {
      try {
        for (let at = 0; at < chunk.length;) at += await conn.write(chunk.subarray(at));
      } catch (error) {
        leave("writable", true);
        throw error;
      }
    },
    async close() {
      await conn.closeWrite();
      leave("writable");
    },
    abort: () => leave("writable", true),
  });
  return { readable, writable };
}

function linkTo(conn: Conn, remote: string): Link {
  conn.setNoDelay();
  return linkOf(streamsOf(conn), { remote });
}

/** tcp over Web streams, on Deno. */
export const connStreamTransport: Transport = {
  async connect(endpoint: Endpoint, { signal }: ConnectOptions = {}): Promise<Link> {
    const { host: hostname, port } = endpoint as TcpEndpoint;
    signal?.throwIfAborted();
    const conn = await net.connect({ hostname, port, signal }).catch((error) => {
      throw signal?.aborted ? signal.reason : tcpError(`Cannot connect to ${endpoint.toString()}`, error);
    });
    if (!signal?.aborted) return linkTo(conn, endpoint.toString());
    conn.close();
    throw signal.reason;
  },

  // deno-lint-ignore require-await -- what it throws shall reject
  async listen(endpoint: Endpoint, onLink: (link: Link) => void): Promise<Listener> {
    const { host: hostname, port } = endpoint as TcpEndpoint;
    try {
      const listener = net.listen({ hostname, port });
      let closed = false;
      const accepting = (async () => {
        while (!closed) {
          const conn = await listener.accept().catch(() => undefined);
          if (conn !== undefined) onLink(linkTo(conn, tcpEndpoint(conn.remoteAddr.hostname, conn.remoteAddr.port)));
        }
      })();
      const close = async () => {
        if (!closed) listener.close();
        closed = true;
        await accepting;
      };
      return { endpoint: tcpEndpoint(hostname, listener.addr.port), close };
    } catch (error) {
      throw tcpError(`Cannot listen on ${endpoint.toString()}`, error);
    }
  },
};
