/**
 * An active attacker: a relay between two sockets over plain TCP, which sees every byte and can change it.
 *
 * It cuts both streams into the 64 bytes of the greeting and frames, by `node:net` and a decoder of its own: the project's
 * transports and its decoder are at both ends.
 *
 * @module
 */

import { connect, createServer, type Server, type Socket } from "node:net";
import { bytes } from "./raw_peer.ts";

/** The sender of a frame. The client is the side that connected. */
export type Sender = "client" | "server";

/** A frame in transit. */
export interface Passing {
  readonly from: Sender;
  /** The index among the frames that this side has sent on this connection, from 0 on. */
  readonly index: number;
  /** The index of the connection, from 0 on. */
  readonly connection: number;
  /** Header and body. */
  readonly bytes: Uint8Array;
}

/**
 * Returns the frames to forward instead of a frame; `undefined` forwards it unchanged. It may return the same frame
 * more than once.
 */
export type Tamper = (passing: Passing) => readonly Uint8Array[] | undefined;

const GREETING_SIZE = 64;
const LONG = 2;

/** The bytes that one side has sent on one connection. */
export interface Recorded {
  /** Everything, the greeting included. */
  readonly bytes: Uint8Array;
  readonly frames: readonly Uint8Array[];
}

/** One side of a connection. */
class Stream {
  readonly frames: Uint8Array[] = [];
  readonly greeting: Uint8Array[] = [];
  #greeted = 0;
  #rest: Uint8Array = new Uint8Array(0);

  /** Takes bytes; returns what can go on: parts of the greeting, and whole frames. */
  take(chunk: Uint8Array): { greeting: Uint8Array; frames: Uint8Array[] } {
    const greeting = chunk.slice(0, GREETING_SIZE - this.#greeted);
    this.#greeted += greeting.length;
    if (greeting.length > 0) this.greeting.push(greeting);
    this.#rest = bytes(this.#rest, chunk.subarray(greeting.length));
    const frames: Uint8Array[] = [];
    for (let size = frameSize(this.#rest); size <= this.#rest.length; size = frameSize(this.#rest)) {
      frames.push(this.#rest.slice(0, size));
      this.#rest = this.#rest.subarray(size);
    }
    this.frames.push(...frames);
    return { greeting, frames };
  }

  recorded(): Recorded {
    return { bytes: bytes(...this.greeting, ...this.frames), frames: this.frames };
  }
}

interface Connection {
  readonly client: Stream;
  readonly server: Stream;
  readonly sockets: readonly Socket[];
}

/** The relay. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: string;
  readonly #connections: Connection[] = [];
  readonly #open = new Set<Socket>();
  #tamper: Tamper;
  #waits: { readonly due: () => boolean; readonly resolve: () => void }[] = [];

  private constructor(server: Server, target: string, tamper: Tamper) {
    this.#server = server;
    this.#target = target;
    this.#tamper = tamper;
  }

  /** Listens on a port of its own for those who want to connect to this endpoint. */
  static async to(target: string, tamper: Tamper = () => undefined): Promise<Relay> {
    const server = createServer();
    const self = new Relay(server, target, tamper);
    server.on("connection", (socket) => self.#join(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  /** Where to connect. */
  get endpoint(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The relay does not listen");
    return `tcp://127.0.0.1:${address.port}`;
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.#connections.length;
  }

  /** Does something else from now on. */
  set tamper(tamper: Tamper) {
    this.#tamper = tamper;
  }

  /** Returns the bytes that one side has sent on a connection so far. */
  recorded(from: Sender, connection = 0): Recorded {
    return this.#connections[connection]![from].recorded();
  }

  /** Resolves when a side has sent `count` frames on a connection. */
  async sent(from: Sender, count: number, connection = 0): Promise<void> {
    const due = () => (this.#connections[connection]?.[from].frames.length ?? 0) >= count;
    if (!due()) await new Promise<void>((resolve) => this.#waits.push({ due, resolve }));
  }

  /** Breaks all current connections, with the bytes in transit. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const gone = [...this.#open].map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    this.cut();
    await Promise.all([closed, ...gone]);
  }

  #join(near: Socket): void {
    const { hostname, port } = new URL(this.#target.replace("tcp:", "http:"));
    const far = connect(Number(port), hostname);
    const connection = { client: new Stream(), server: new Stream(), sockets: [near, far] };
    const number = this.#connections.push(connection) - 1;
    this.#pipe(near, far, "client", connection, number);
    this.#pipe(far, near, "server", connection, number);
  }

  #pipe(source: Socket, sink: Socket, from: Sender, connection: Connection, number: number): void {
    this.#open.add(source);
    source.setNoDelay(true);
    source.on("error", () => {});
    source.on("close", () => {
      this.#open.delete(source);
      sink.destroy();
    });
    source.on("end", () => sink.end());
    let index = 0;
    source.on("data", (chunk: Uint8Array) => {
      const { greeting, frames } = connection[from].take(chunk);
      if (greeting.length > 0) sink.write(greeting);
      for (const bytes of frames) {
        const passing = { from, index: index++, connection: number, bytes };
        for (const piece of this.#tamper(passing) ?? [bytes]) sink.write(piece);
      }
      const due = this.#waits.filter((wait) => wait.due());
      this.#waits = this.#waits.filter((wait) => !due.includes(wait));
      for (const { resolve } of due) resolve();
    });
  }
}

/** Returns the size of the first frame in bytes; `Infinity` while it is unknown. */
function frameSize(bytes: Uint8Array): number {
  if (bytes.length < 2) return Infinity;
  if ((bytes[0]! & LONG) === 0) return 2 + bytes[1]!;
  if (bytes.length < 9) return Infinity;
  return 9 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1));
}
