/**
 * Links over Web streams: the compliance suite in memory, and the requirements of such links only.
 *
 * @module
 */

import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { linkOf } from "../../src/transport/byte_stream.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { runtime, test } from "../support/harness.ts";
import { streamPair } from "../support/web_streams.ts";
import { Child } from "../sockets/support.ts";
import { transportCompliance } from "./compliance.ts";
import { assertPattern, patternBytes, Peer } from "./peer.ts";
import { PairTransport } from "./pair_transport.ts";

const transport = new PairTransport((server, client) => {
  const [ours, theirs] = streamPair();
  return [linkOf(ours, { remote: server }), linkOf(theirs, { remote: client })];
});
transportCompliance(`Web streams on ${runtime}`, () => Promise.resolve(transport), "tcp://127.0.0.1:0", {
  knows: "most",
});

const PIECE = 64 * 1024;

/** Both streams of a link, played by the test. */
class Streams {
  /** Gives to the link. */
  source!: ReadableStreamDefaultController<Uint8Array>;
  /** The link's writes; a write is done when `take` is called. */
  readonly writes: Uint8Array[] = [];
  readonly cancels: unknown[] = [];
  readonly aborts: unknown[] = [];
  pulls = 0;
  closes = 0;
  /** The promise that `close` of the writable stream waits for. */
  closing: Promise<void> | undefined;
  sink!: WritableStreamDefaultController;
  readonly #pending: { readonly resolve: () => void; readonly reject: (cause: unknown) => void }[] = [];
  #wake: (() => void) | undefined;
  readonly readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.source = controller;
    },
    pull: () => void this.pulls++,
    cancel: (reason) => void this.cancels.push(reason),
  }, { highWaterMark: 0 });
  readonly writable = new WritableStream<Uint8Array>({
    start: (controller) => {
      this.sink = controller;
    },
    write: (chunk) => {
      this.writes.push(chunk);
      this.#wake?.();
      return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }));
    },
    close: () => {
      this.closes++;
      return this.closing;
    },
    abort: (reason) => void this.aborts.push(reason),
  });

  /** Waits until the link has written so many chunks in all. */
  async written(count: number): Promise<void> {
    while (this.writes.length < count) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** The first write that is not done is. */
  take(): void {
    this.#pending.shift()!.resolve();
  }

  /** Breaks the writable stream, and the write that is not done, if there is one. */
  fail(cause: unknown): void {
    const pending = this.#pending.shift();
    if (pending !== undefined) pending.reject(cause);
    else this.sink.error(cause);
  }
}

/** A link over streams that the test plays, started. */
function played(): { streams: Streams; peer: Peer } {
  const streams = new Streams();
  return { streams, peer: new Peer(linkOf(streams)).start() };
}

/** Lets all promises go on that can. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("linkOf: reports the remote address, if it was given", () => {
  assertEquals(linkOf(new Streams()).remote, "stream");
  assertEquals(linkOf(new Streams(), { remote: "tls://example.org:443" }).remote, "tls://example.org:443");
});

test("linkOf: a stream that is locked is a TypeError", () => {
  const reading = new Streams();
  reading.readable.getReader();
  assertThrows(() => linkOf(reading), TypeError);
  const writing = new Streams();
  writing.writable.getWriter();
  assertThrows(() => linkOf(writing), TypeError);
});

test("linkOf: one piece of at most 64 KiB at a time, and onDrain when the last one is taken", async () => {
  const { streams, peer } = played();
  const size = 3 * PIECE + 5;
  const bytes = patternBytes(size);
  assertEquals(
    peer.write(bytes.subarray(0, 10), bytes.subarray(10, 10), bytes.subarray(10, PIECE), bytes.subarray(PIECE)),
    false,
  );
  for (let piece = 1; piece <= 4; piece++) {
    await streams.written(piece);
    await settled();
    assertEquals([streams.writes.length, peer.drains], [piece, 0]);
    streams.take();
  }
  await peer.until(() => peer.drains === 1);
  assertEquals(streams.writes.map(({ length }) => length), [PIECE, PIECE, PIECE, 5]);
  assertPattern(streams.writes, size);
  peer.abort();
  await peer.gone();
  assertEquals(peer.breaches, []);
});

test("linkOf: many small chunks are written as one", async () => {
  const { streams, peer } = played();
  const bytes = patternBytes(1000);
  peer.write(...Array.from({ length: 1000 }, (_, i) => bytes.subarray(i, i + 1)));
  await streams.written(1);
  assertPattern(streams.writes, 1000);
  peer.abort();
  await peer.gone();
});

test("linkOf: a stream that changes the bytes it was given does not affect the caller", async () => {
  const kept: Uint8Array[] = [];
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      // Takes the memory away, as a stream to another thread does.
      if (kept.length % 2 === 0) kept.push(structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] }));
      else kept.push(chunk);
    },
  });
  const peer = new Peer(linkOf({ readable: new ReadableStream<Uint8Array>(), writable })).start();
  const slab = patternBytes(300_000);
  const buffer = new Uint8Array(50_000);
  for (let at = 0; at < slab.length; at += buffer.length) {
    buffer.set(slab.subarray(at, at + buffer.length));
    await peer.send(buffer.subarray(0, 20_000), buffer.subarray(20_000));
    buffer.fill(0xee);
  }
  assertPattern(kept, slab.length);
  peer.abort();
  await peer.gone();
});

test("linkOf: received bytes are a plain Uint8Array with at least one byte", async () => {
  const { streams, peer } = played();
  streams.source.enqueue(new Uint8Array(0));
  streams.source.enqueue(Buffer.from("abc"));
  streams.source.enqueue(new Uint8Array(0));
  streams.source.enqueue(new Uint16Array([0x6564]) as unknown as Uint8Array);
  await peer.until(() => peer.received === 5);
  assertEquals(peer.chunks.map(({ constructor }) => constructor.name), ["Uint8Array", "Uint8Array"]);
  assertEquals(peer.chunks, [new TextEncoder().encode("abc"), new TextEncoder().encode("de")]);
  peer.abort();
  await peer.gone();
  assertEquals(peer.breaches, []);
});

test("linkOf: a stream of something else than bytes is EINVAL", async () => {
  const { streams, peer } = played();
  streams.source.enqueue("text" as unknown as Uint8Array);
  await peer.gone();
  assertInstanceOf(peer.error, ZmqError);
  assertEquals([peer.error.code, peer.error.message], ["EINVAL", "The stream of stream contains a string, not bytes"]);
  assertEquals([streams.cancels, streams.aborts], [[peer.error], [peer.error]]);
});

test("linkOf: nothing is read before start, nor while it is paused", async () => {
  const streams = new Streams();
  const peer = new Peer(linkOf(streams));
  await settled();
  assertEquals(streams.pulls, 0);
  peer.start();
  streams.source.enqueue(new Uint8Array(1));
  await peer.until(() => peer.received === 1);
  peer.pause();
  await settled();
  const { pulls } = streams;
  streams.source.enqueue(new Uint8Array(1));
  await settled();
  // The chunk that was being read: kept, and not followed by another.
  assertEquals([peer.received, streams.pulls], [1, pulls]);
  streams.source.enqueue(new Uint8Array(1));
  peer.resume();
  await peer.until(() => peer.received === 3);
  peer.abort();
  await peer.gone();
  assertEquals(peer.breaches, []);
});

test("linkOf: a stream that breaks is reported with its cause and a code", async () => {
  const causes: readonly [unknown, string][] = [
    [Object.assign(new Error("reset"), { code: "ECONNRESET" }), "ECONNRESET"],
    [Object.assign(new Error("broken pipe"), { code: "EPIPE" }), "ECONNRESET"],
    [Object.assign(new Error("too late"), { code: "ETIMEDOUT" }), "ETIMEDOUT"],
    [new Error("checksum"), "EIO"],
    ["a text", "EIO"],
    [undefined, "EIO"],
  ];
  for (const [cause, code] of causes) {
    const { streams, peer } = played();
    streams.source.error(cause);
    await peer.gone();
    assertInstanceOf(peer.error, ZmqError);
    assertEquals(peer.error.code, code);
    assertStrictEquals(peer.error.cause, cause);
    assert(peer.error.message.startsWith("Connection to stream failed: "), peer.error.message);
    assertEquals(streams.aborts.length, 1);
  }
});

test("linkOf: a failed write is reported after the bytes that the peer had sent before", async () => {
  const { streams, peer } = played();
  const cause = new Error("the peer reads no more");
  peer.pause();
  peer.write(new Uint8Array(10));
  await streams.written(1);
  for (let i = 0; i < 3; i++) streams.source.enqueue(new Uint8Array([i]));
  streams.source.close();
  streams.fail(cause);
  await settled();
  assertEquals(peer.closes, 0);
  peer.resume();
  await peer.gone();
  assertEquals([...peer.bytes()], [0, 1, 2]);
  assertStrictEquals(peer.error?.cause, cause);
  assertEquals([peer.drains, peer.breaches], [0, []]);
});

test("linkOf: a peer that cannot be written to and never ends is closed", async () => {
  for (const writing of [true, false]) {
    const { streams, peer } = played();
    if (writing) {
      peer.write(new Uint8Array(10));
      await streams.written(1);
    }
    const cause = new Error("the peer reads no more");
    streams.fail(cause);
    await peer.gone();
    assertStrictEquals(peer.error?.cause, cause);
    assertEquals(streams.cancels, [peer.error]);
  }
});

test("linkOf: a peer that cannot be written to and ends well does so without an error, if nothing was lost", async () => {
  const { streams, peer } = played();
  streams.sink.error(new Error("the peer reads no more"));
  await settled();
  streams.source.enqueue(new Uint8Array(1));
  streams.source.close();
  await peer.gone();
  assertEquals([peer.received, peer.error, peer.breaches], [1, undefined, []]);
});

test("linkOf: the peer's end ends the other stream as well; unwritten bytes are dropped", async () => {
  {
    const { streams, peer } = played();
    streams.source.close();
    await peer.gone();
    assertEquals([streams.closes, streams.aborts, streams.cancels], [1, [], []]);
  }
  {
    const { streams, peer } = played();
    peer.write(new Uint8Array(10));
    await streams.written(1);
    streams.source.close();
    await peer.gone();
    streams.take();
    await settled();
    assertEquals([streams.closes, streams.aborts], [0, [undefined]]);
    assertEquals(peer.drains, 0);
  }
});

test("linkOf: a stream that does not end when it is closed delays close, which abort ends; never the peer's end", async () => {
  {
    const { streams, peer } = played();
    streams.closing = new Promise(() => {});
    streams.source.close();
    await peer.gone();
    assertEquals([streams.closes, streams.aborts], [1, []]);
  }
  {
    const { streams, peer } = played();
    streams.closing = new Promise(() => {});
    const closed = peer.close();
    await settled();
    assertEquals([streams.closes, peer.closes], [1, 0]);
    const reason = new Error("enough");
    peer.abort(reason);
    await closed;
    assertStrictEquals(peer.error, reason);
    assertEquals(streams.cancels, [reason]);
  }
});

test("linkOf: abort passes its reason to both streams; close ends one and discards data of the other", async () => {
  {
    const { streams, peer } = played();
    const reason = new Error("enough");
    peer.abort(reason);
    await peer.gone();
    assertEquals([streams.cancels, streams.aborts], [[reason], [reason]]);
  }
  {
    const { streams, peer } = played();
    const closed = peer.close();
    for (let i = 0; i < 10; i++) streams.source.enqueue(new Uint8Array(1000));
    await settled();
    assertEquals([streams.closes, peer.received], [1, 0]);
    streams.source.close();
    await closed;
    assertEquals([streams.cancels, streams.aborts, peer.error, peer.breaches], [[], [], undefined, []]);
  }
});

test("linkOf: over streams that transform: compressed in transit", async () => {
  const pipe = () => {
    const [zip, unzip] = [new CompressionStream("deflate-raw"), new DecompressionStream("deflate-raw")];
    return {
      readable: zip.readable.pipeThrough(unzip) as ReadableStream<Uint8Array>,
      writable: zip.writable as WritableStream<Uint8Array>,
    };
  };
  const [up, down] = [pipe(), pipe()];
  const client = new Peer(linkOf({ readable: down.readable, writable: up.writable })).start();
  const server = new Peer(linkOf({ readable: up.readable, writable: down.writable })).start();
  const size = 3 << 20;
  client.write(patternBytes(size));
  const closed = client.close();
  await server.gone();
  await closed;
  assertPattern(server.chunks, size);
  assertEquals([client.error, server.error], [undefined, undefined]);
});

test("linkOf: a paused link keeps the process alive, a closed one does not", async () => {
  await using child = new Child("../transports/stream_lifetime_child.ts");
  assertEquals(await child.line(), "paused");
  assertEquals(await child.line(), "resumed");
  assertEquals(await child.line(), "link closed");
  assertEquals(await child.exit(), 0);
});
