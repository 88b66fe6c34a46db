/**
 * A scripted ZMTP peer: writes any bytes, reads frames one by one, and can stop reading.
 *
 * Its encoder and decoder are its own on purpose: sharing those under `src/zmtp/` would share their bugs. Only the byte
 * stream is the project's, which has a test suite of its own.
 *
 * @module
 */

import { Endpoint } from "../../src/schemes/endpoint.ts";
import type { Link, LinkSink, Listener } from "../../src/transport/transport.ts";
import { loadTransport } from "../../transports/mod.ts";

/** A frame as it was on the wire. */
export interface RawFrame {
  /** Bit 0: more follows; bit 1: long; bit 2: command. */
  readonly flags: number;
  readonly body: Uint8Array;
}

/** The introduction of a scripted peer. */
export interface Introduction {
  /** `Socket-Type`. */
  readonly type: string;
  readonly identity?: string;
  /** Minor version in the greeting. Default 1. */
  readonly minor?: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes of text, of numbers, or of both one after the other. */
export function bytes(...parts: (string | number | Uint8Array)[]): Uint8Array {
  const chunks = parts.map((part) =>
    typeof part === "number" ? Uint8Array.of(part) : typeof part === "string" ? encoder.encode(part) : part
  );
  const out = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** A greeting of 64 bytes. */
export function greeting(minor = 1, mechanism = "NULL", major = 3): Uint8Array {
  const out = new Uint8Array(64);
  out.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, major, minor]);
  out.set(encoder.encode(mechanism), 12);
  return out;
}

/** A frame whose length takes one byte, or eight where it must. */
export function frame(flags: number, body: string | Uint8Array): Uint8Array {
  const data = typeof body === "string" ? encoder.encode(body) : body;
  if (data.length < 256) return bytes(flags, data.length, data);
  const out = new Uint8Array(9 + data.length);
  out[0] = flags | 2;
  new DataView(out.buffer).setUint32(5, data.length);
  out.set(data, 9);
  return out;
}

/** The header alone of a frame with an eight-byte length. */
export function longHeader(flags: number, length: bigint): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = flags | 2;
  new DataView(out.buffer).setBigUint64(1, length);
  return out;
}

/** All frames of a message. */
export function message(...frames: (string | Uint8Array)[]): Uint8Array {
  return bytes(...frames.map((body, i) => frame(i < frames.length - 1 ? 1 : 0, body)));
}

/** A frame of ZMTP 1.0, the length of which counts the flags. */
export function frameV1(flags: number, body: string | Uint8Array): Uint8Array {
  const data = typeof body === "string" ? encoder.encode(body) : body;
  const length = data.length + 1;
  if (length < 255) return bytes(length, flags, data);
  return bytes(0xff, 0, 0, 0, 0, length >>> 24, length >>> 16, length >>> 8, length, flags, data);
}

/** All frames of a ZMTP 1.0 message, with the reserved flags that libzmq 2.x sets. */
export function messageV1(...frames: (string | Uint8Array)[]): Uint8Array {
  return bytes(...frames.map((body, i) => frameV1(i < frames.length - 1 ? 0x7f : 0x7e, body)));
}

/** A command frame. */
export function command(name: string, data: string | Uint8Array = ""): Uint8Array {
  return frame(4, bytes(name.length, name, data));
}

/** A property of a READY command. */
export function property(name: string, value: string): Uint8Array {
  const data = encoder.encode(value);
  return bytes(name.length, name, data.length >>> 24, data.length >>> 16, data.length >>> 8, data.length, data);
}

/** A READY command with a socket type and, if given, an identity. */
export function ready(type: string, identity?: string): Uint8Array {
  const properties = property("Socket-Type", type);
  return command("READY", identity === undefined ? properties : bytes(properties, property("Identity", identity)));
}

/** A PING command without a time to live. */
export function ping(context: string): Uint8Array {
  return command("PING", bytes(0, 0, context));
}

/** One end of a TCP connection. */
export class RawPeer implements LinkSink, AsyncDisposable {
  /** Resolves when the connection is closed. */
  readonly gone: Promise<void>;
  readonly #link: Link;
  #resolveGone!: () => void;
  #ended = false;
  /** Received bytes that were not read yet, and room for more. */
  #received: Uint8Array = new Uint8Array(0);
  #length = 0;
  #wake: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #drained: (() => void) | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.gone = new Promise((resolve) => this.#resolveGone = resolve);
    link.start(this);
  }

  /** Connects. */
  static async connect(endpoint: string): Promise<RawPeer> {
    return new RawPeer(await (await loadTransport()).connect(Endpoint.parse(endpoint, "connect")));
  }

  /** Connects and shakes hands. */
  static async join(endpoint: string, introduction: Introduction): Promise<RawPeer> {
    const peer = await RawPeer.connect(endpoint);
    await peer.handshake(introduction);
    return peer;
  }

  /** Shakes hands and returns the other's READY command. */
  async handshake({ type, identity, minor }: Introduction): Promise<RawFrame> {
    this.write(greeting(minor), ready(type, identity));
    await this.read(64);
    return await this.frame();
  }

  /** Writes after all that was written before; resolves when the connection has taken it, or is closed. */
  write(...chunks: Uint8Array[]): Promise<void> {
    return this.#writing = this.#writing.then(() => {
      if (this.#link.write(chunks)) return;
      return new Promise<void>((resolve) => this.#drained = resolve);
    });
  }

  /** Reads this many bytes. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#length < length) {
      if (this.#ended) {
        throw new Error(`The connection ended: ${this.#length} of ${length} bytes were there to read`);
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const out = this.#received.slice(0, length);
    this.#received = this.#received.subarray(length);
    this.#length -= length;
    return out;
  }

  /** Reads a frame. */
  async frame(): Promise<RawFrame> {
    const [flags, short] = await this.read(2);
    if ((flags! & 2) === 0) return { flags: flags!, body: await this.read(short!) };
    const rest = bytes(short!, await this.read(7));
    return { flags: flags!, body: await this.read(Number(new DataView(rest.buffer).getBigUint64(0))) };
  }

  /** Reads a message, its frames as text; a command is shown as its name and data. */
  async message(): Promise<string[]> {
    const texts: string[] = [];
    for (;;) {
      const { flags, body } = await this.frame();
      texts.push((flags & 4) !== 0 ? decoder.decode(body.subarray(1)) : decoder.decode(body));
      if ((flags & 1) === 0) return texts;
    }
  }

  /** Reads a ZMTP 1.0 frame. */
  async frameV1(): Promise<RawFrame> {
    const [short] = await this.read(1);
    const length = short === 0xff ? Number(new DataView((await this.read(8)).buffer).getBigUint64(0)) : short!;
    const [flags] = await this.read(1);
    return { flags: flags!, body: await this.read(length - 1) };
  }

  /** Reads a ZMTP 1.0 message, its frames as text. */
  async messageV1(): Promise<string[]> {
    const texts: string[] = [];
    for (;;) {
      const { flags, body } = await this.frameV1();
      texts.push(decoder.decode(body));
      if ((flags & 1) === 0) return texts;
    }
  }

  /** Returns when the socket has read everything written so far: it answers a PING, and sends nothing else. */
  async sync(): Promise<void> {
    this.write(ping("sync"));
    const [answer, ...rest] = await this.message();
    if (answer !== "PONGsync" || rest.length > 0) throw new Error(`Unexpected: ${[answer, ...rest].join("|")}`);
  }

  /** Stops reading, so that sooner or later the socket cannot write. */
  pause(): void {
    this.#link.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#link.resume();
  }

  /** Sends what was written, then ends. */
  async end(): Promise<void> {
    await this.#writing;
    await this.#link.close();
  }

  /** Drops the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.abort();
    await this.gone;
  }

  /** Called by the link. */
  onData(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#received.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.#received.subarray(0, this.#length));
      this.#received = grown;
    }
    this.#received.set(chunk, this.#length);
    this.#length = length;
    this.#wake?.();
  }

  /** Called by the link. */
  onDrain(): void {
    this.#drained?.();
  }

  /** Called by the link. */
  onClose(): void {
    this.#ended = true;
    this.#wake?.();
    this.#drained?.();
    this.#resolveGone();
  }
}

/** A bound endpoint where scripted peers wait for sockets that connect. */
export class RawListener implements AsyncDisposable {
  readonly #listener: Listener;
  readonly #peers: RawPeer[] = [];
  #accepted: RawPeer[] = [];
  #wake: (() => void) | undefined;

  private constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Binds. */
  static async bind(endpoint = "tcp://127.0.0.1:0"): Promise<RawListener> {
    const transport = await loadTransport();
    const self: RawListener = new RawListener(
      await transport.listen(Endpoint.parse(endpoint, "bind"), (link) => {
        self.#accepted.push(new RawPeer(link));
        self.#wake?.();
      }),
    );
    return self;
  }

  /** Where it is bound. */
  get endpoint(): string {
    return this.#listener.endpoint;
  }

  /** The next connection. */
  async accept(): Promise<RawPeer> {
    for (;;) {
      const peer = this.#accepted.shift();
      if (peer !== undefined) {
        this.#peers.push(peer);
        return peer;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The next connection, with hands shaken. */
  async join(introduction: Introduction): Promise<RawPeer> {
    const peer = await this.accept();
    await peer.handshake(introduction);
    return peer;
  }

  /** Unbinds and drops all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    for (const peer of [...this.#peers, ...this.#accepted]) await peer[Symbol.asyncDispose]();
  }
}
