/**
 * A peer that does not speak ZMTP: one side of a plain connection with `node:net`, which all three runtimes have. It
 * does not use the project's own transports on purpose: they are tested on the remote side.
 *
 * @module
 */

import { createServer, type Server, Socket } from "node:net";

const decoder = new TextDecoder();

/** One end of a plain connection. */
export class NetPeer implements AsyncDisposable {
  readonly socket: Socket;
  /** Resolves when the socket has ended its side and all of its bytes have arrived. */
  readonly ended: Promise<void>;
  /** Resolves when the connection is closed, with the reason if it broke. */
  readonly gone: Promise<Error | undefined>;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #over = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => socket.once("end", resolve));
    this.gone = new Promise((resolve) => socket.once("close", () => resolve(this.#error)));
    socket.setNoDelay(true);
    socket.on("error", (error) => this.#error = error);
    socket.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      this.#buffered += chunk.length;
      this.#wake?.();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#over = true;
        this.#wake?.();
      });
    }
  }

  /** Connects to a `tcp:` or `ipc:` endpoint. It does not end its own side when the socket does. */
  static async connect(endpoint: string): Promise<NetPeer> {
    const socket = new Socket({ allowHalfOpen: true });
    const connected = new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    if (endpoint.startsWith("ipc://")) socket.connect(endpoint.slice("ipc://".length));
    else {
      const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"));
      socket.connect(Number(port), hostname);
    }
    await connected;
    return new NetPeer(socket);
  }

  /** Bytes that have arrived and were not read. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Writes; resolves when the operating system has taken all of it, or the connection is closed. */
  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(data, () => resolve()));
  }

  /** Reads `length` bytes. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#buffered < length) {
      if (this.#over) throw new Error(`The connection ended: ${this.#buffered} of ${length} bytes were there to read`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#take(length);
  }

  /** Reads `length` bytes of text. */
  async text(length: number): Promise<string> {
    return decoder.decode(await this.read(length));
  }

  /** Reads until the socket ends its side. */
  async rest(): Promise<Uint8Array> {
    while (!this.#over) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#take(this.#buffered);
  }

  /** Stops reading, so that sooner or later the socket cannot write. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.socket.resume();
  }

  /** Ends its own side when everything is written. */
  end(): void {
    this.socket.end();
  }

  /** Drops the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Drops the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.gone;
  }

  #take(length: number): Uint8Array {
    const taken = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const first = this.#chunks[0]!;
      const part = first.subarray(0, length - at);
      taken.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
    }
    this.#buffered -= length;
    return taken;
  }
}

/** A plain server on a port of 127.0.0.1. */
export class NetServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #accepted: NetPeer[] = [];
  readonly #all: NetPeer[] = [];
  #wake: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port. */
  static async listen(): Promise<NetServer> {
    const server = createServer({ allowHalfOpen: true });
    const self = new NetServer(server);
    server.on("connection", (socket) => {
      const peer = new NetPeer(socket);
      self.#accepted.push(peer);
      self.#all.push(peer);
      self.#wake?.();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  /** Where it listens. */
  get endpoint(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The server does not listen");
    return `tcp://127.0.0.1:${address.port}`;
  }

  /** The next connection. */
  async accept(): Promise<NetPeer> {
    for (;;) {
      const peer = this.#accepted.shift();
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Listens no longer, and drops all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all(this.#all.map((peer) => peer[Symbol.asyncDispose]()));
    await closed;
  }
}
