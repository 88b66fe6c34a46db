/**
 * A small SOCKS5 proxy for tests, on `node:net`: it records its requests, and can be configured to give wrong answers.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";

/** The behavior of the proxy. */
export interface ProxyOptions {
  /** The one user name and password it takes; without them it asks for none. */
  readonly login?: readonly [string, string];
  /** Answers with an address of 20 bytes instead of the longest, which libzmq does not take. */
  readonly shortAnswer?: boolean;
  /** Sends its answers byte by byte. */
  readonly slow?: boolean;
  /** Sent instead of a connection, in answer to the request. */
  readonly refusal?: number;
  /** Sent as the target's first bytes, in one piece with the answer. */
  readonly first?: Uint8Array;
  /** Sent as soon as a client connects, instead of everything else; then the connection is ended if `hangUp`. */
  readonly says?: Uint8Array;
  readonly hangUp?: boolean;
}

/** A proxy that runs. */
export class SocksProxyServer {
  readonly port: number;
  /** The requested targets: `host:port`, a name as `name host:port`. */
  readonly asked: string[] = [];
  /** The addresses that clients came from. */
  readonly from: string[] = [];
  /** Methods that clients offered. */
  readonly offered: number[][] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #serving = new Set<Promise<void>>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
  }

  static async start(options: ProxyOptions = {}): Promise<SocksProxyServer> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new SocksProxyServer(server);
    server.on("connection", (socket) => {
      const serving = proxy.#serve(socket, options).finally(() => proxy.#serving.delete(serving));
      proxy.#serving.add(serving);
    });
    return proxy;
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#serving, new Promise<void>((resolve) => this.#server.close(() => resolve()))]);
  }

  #watch(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #serve(socket: Socket, options: ProxyOptions): Promise<void> {
    this.#watch(socket);
    this.from.push(`${socket.remoteAddress}`);
    try {
      if (options.says === undefined) {
        if (await this.#handshake(socket, options)) return;
      } else {
        socket.write(options.says);
        if (options.hangUp === true) socket.end();
      }
      // Nothing more to say: the client ends the connection.
      socket.on("end", () => socket.end()).resume();
    } catch {
      socket.destroy();
    }
  }

  /** Returns whether the client is connected to its target. */
  async #handshake(socket: Socket, options: ProxyOptions): Promise<boolean> {
    const say = async (...bytes: number[]): Promise<void> => {
      const pieces = options.slow === true ? bytes.map((byte) => [byte]) : [bytes];
      for (const piece of pieces) {
        socket.write(Uint8Array.from(piece));
        if (options.slow === true) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

    const methods = [...await take(socket, (await take(socket, 2))[1]!)];
    this.offered.push(methods);
    const wanted = options.login === undefined ? 0 : 2;
    if (!methods.includes(wanted)) return await say(5, 255), false;
    await say(5, wanted);
    if (options.login !== undefined) {
      const user = text(await take(socket, (await take(socket, 2))[1]!));
      const password = text(await take(socket, (await take(socket, 1))[0]!));
      const known = user === options.login[0] && password === options.login[1];
      await say(1, known ? 0 : 1);
      if (!known) return false;
    }
    const kind = (await take(socket, 4))[3]!;
    const host = kind === 1
      ? [...await take(socket, 4)].join(".")
      : kind === 4
      ? ipv6(await take(socket, 16))
      : text(await take(socket, (await take(socket, 1))[0]!));
    const [high, low] = await take(socket, 2);
    const port = high! * 256 + low!;
    this.asked.push(kind === 3 ? `name ${host}:${port}` : `${host}:${port}`);
    if (options.refusal !== undefined) return await say(5, options.refusal, 0, 1, 0, 0, 0, 0, 0, 0), false;
    const out = connect({ host, port, allowHalfOpen: true });
    this.#watch(out);
    const open = await new Promise((resolve) => {
      out.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    if (open === false) return await say(5, 5, 0, 1, 0, 0, 0, 0, 0, 0), false;
    // A bound address as a name, of the longest kind unless that takes long.
    const name = new Array<number>(options.slow === true || options.shortAnswer === true ? 20 : 255).fill(0x61);
    await say(5, 0, 0, 3, name.length, ...name, 0x12, 0x34, ...options.first ?? []);
    forward(socket, out);
    forward(out, socket);
    return true;
  }
}

/** Reads exactly `length` bytes. */
async function take(socket: Socket, length: number): Promise<Uint8Array> {
  while (length > 0) {
    const bytes = socket.read(length) as Uint8Array | null;
    if (bytes !== null) return bytes;
    await new Promise<void>((resolve, reject) => {
      socket.once("readable", resolve).once("end", reject).once("close", reject);
    });
  }
  return new Uint8Array(0);
}

/** Forwards the bytes, the end and the reset of each side to the other. */
function forward(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("close", (broken) => {
    if (broken) to.destroy();
  });
  to.on("close", () => {
    from.unpipe(to);
    if (!from.readableEnded) from.destroy();
  });
}

function ipv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16));
  return groups.join(":");
}
