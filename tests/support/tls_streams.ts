/**
 * TLS connections within this machine, as Web streams: by `node:tls`, on Deno by Deno's own (whose `node:tls` never
 * reports an end that arrives while it is paused, as of 2.9.5). The certificate in `tls/` is for these tests only.
 *
 * @module
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type TLSSocket } from "node:tls";
import { runtime } from "./harness.ts";
import { type ByteStreams, webStreams } from "./web_streams.ts";

/** A TLS server on a port of 127.0.0.1. */
export interface TlsListener extends AsyncDisposable {
  readonly port: number;
}

/** Called with each connection, and the address of its client. */
export type OnTlsConnection = (streams: ByteStreams, client: string) => void;

const CERT = readPem("cert");
const KEY = readPem("key");

function readPem(name: string): string {
  return readFileSync(new URL(`./tls/${name}.pem`, import.meta.url), "utf8");
}

interface Conn extends ByteStreams {
  readonly remoteAddr: { readonly hostname: string; readonly port: number };
  handshake(): Promise<unknown>;
  close(): void;
}

interface DenoTls {
  listenTls(options: { hostname: string; port: number; key: string; cert: string }): {
    readonly addr: { readonly port: number };
    accept(): Promise<Conn>;
    close(): void;
  };
  connectTls(options: { hostname: string; port: number; caCerts: string[] }): Promise<Conn>;
}

const { Deno: own } = globalThis as unknown as { Deno: DenoTls };

/** Listens. */
export async function listenTls(onConnection: OnTlsConnection): Promise<TlsListener> {
  if (runtime === "deno") return listenOnDeno(onConnection);
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key: KEY, cert: CERT }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    onConnection(webStreams(socket), `${socket.remoteAddress}:${socket.remotePort}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listenOnDeno(onConnection: OnTlsConnection): TlsListener {
  const listener = own.listenTls({ hostname: "127.0.0.1", port: 0, key: KEY, cert: CERT });
  let closed = false;
  const accepting = (async () => {
    while (!closed) {
      const conn = await listener.accept().catch(() => undefined);
      if (conn === undefined) continue;
      const { hostname, port } = conn.remoteAddr;
      await conn.handshake().then(() => onConnection(conn, `${hostname}:${port}`), () => conn.close());
    }
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      closed = true;
      listener.close();
      await accepting;
    },
  };
}

/** Connects; resolves when hands are shaken. */
export async function connectToTls(port: number): Promise<ByteStreams> {
  if (runtime === "deno") {
    const conn = await own.connectTls({ hostname: "localhost", port, caCerts: [CERT] });
    await conn.handshake();
    return conn;
  }
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: CERT });
  await once(socket, "secureConnect");
  if (!socket.authorized) throw new Error("The certificate is not accepted");
  return webStreams(socket);
}
