/**
 * Stream: large traffic in both directions, and slow or malicious peers.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Stream, type ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { assertPattern, fillPattern, patternBytes } from "../transports/peer.ts";
import { ANY, rejectsWith, turn, until } from "./support.ts";

const MIB = 1 << 20;
/** More than the kernel holds for one connection. */
const TOO_MUCH = 64 * MIB;

/** Binds, and returns a peer that is connected, with its id. */
async function connected(server: Stream): Promise<{ peer: NetPeer; id: Uint8Array }> {
  const peer = await NetPeer.connect(await server.bind(ANY));
  await server.waitForPeers(1);
  return { peer, id: server.statistics().peers[0]!.routingId };
}

/** Receives the chunks of `length` bytes. */
async function receiveChunks(stream: Stream, length: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let received = 0; received < length;) {
    const [, bytes] = await stream.receive();
    chunks.push(bytes);
    received += bytes.length;
  }
  return chunks;
}

test("stream: 40 MB in both directions simultaneously, in messages of all sizes", async () => {
  const size = 40 * MIB;
  await using server = new Stream({ notify: false });
  const { peer, id } = await connected(server);
  const send = async () => {
    for (let sent = 0, random = 7; sent < size;) {
      random = Math.imul(random, 48271) % 0x7fffffff;
      const length = Math.min(size - sent, 1 + Math.abs(random) % (random % 2 === 0 ? 300 : 300_000));
      await server.send([id, fillPattern(new Uint8Array(length), sent)]);
      sent += length;
    }
  };
  const body = patternBytes(size);
  const [chunks, received] = await Promise.all([
    receiveChunks(server, size),
    peer.read(size),
    peer.write(body),
    send(),
  ]);
  assertPattern(chunks, size);
  assertPattern([received], size);
  await peer[Symbol.asyncDispose]();
}, { timeout: 60_000 });

test("stream: a peer that does not read makes trySend say no and send wait, until it reads", async () => {
  await using server = new Stream({ notify: false, sendHighWaterMark: 8 });
  const { peer, id } = await connected(server);
  peer.pause();
  // The kernel takes some more now and then, until it is full as well.
  let sent = 0;
  let turns = 0;
  const queued = () => server.statistics().queued;
  while (turns < 20) {
    const body = fillPattern(new Uint8Array(100_000), sent);
    if (server.trySend([id, body])) {
      sent += body.length;
      turns = 0;
    } else {
      turns++;
      await turn();
    }
    assert(sent < TOO_MUCH, "a peer that does not read held back nothing");
    assert(queued() <= 8, `${queued()} messages are queued`);
  }
  const waiting = [];
  for (let i = 0; i < 3; i++, sent += 1000) {
    waiting.push(server.send([id, fillPattern(new Uint8Array(1000), sent)]));
  }
  const [first] = await Promise.all([peer.read(sent), ...waiting, peer.resume()]);
  assertPattern([first], sent);
  await peer[Symbol.asyncDispose]();
}, { timeout: 30_000 });

test("stream: a full peer does not block the others, and a send to it ends by its timeout or its loss", async () => {
  await using server = new Stream({ notify: false, sendHighWaterMark: 4, sendTimeout: 30 });
  const { peer: slow, id } = await connected(server);
  slow.pause();
  await rejectsWith("EAGAIN", async () => {
    for (let i = 0; i < 1000; i++) await server.send([id, new Uint8Array(MIB)]);
  });
  const quick = await NetPeer.connect(server.lastEndpoint!);
  await quick.write("?");
  const [quickId] = await server.receive();
  server.sendTimeout = -1;
  // The kernel may take some more of them; the last ones wait.
  const waiting = Promise.allSettled(Array.from({ length: 64 }, () => server.send([id, new Uint8Array(MIB)])));
  for (let i = 0; i < 100; i++) {
    await server.send([quickId, "0123456789"]);
    assertEquals(await quick.text(10), "0123456789");
  }
  await slow[Symbol.asyncDispose]();
  const failed = (await waiting).filter((outcome) => outcome.status === "rejected");
  assert(failed.length > 0, "no send was waiting");
  for (const { reason } of failed) assertEquals((reason as ZmqError).code, "EHOSTUNREACH");
  await quick[Symbol.asyncDispose]();
}, { timeout: 30_000 });

test(
  "stream: a peer is blocked through the kernel while the program does not receive, and nothing is lost",
  async () => {
    await using server = new Stream({ notify: false, receiveHighWaterMark: 4 });
    const { peer } = await connected(server);
    let taken = 0;
    let sent = 0;
    const write = () => {
      const body = fillPattern(new Uint8Array(MIB), sent);
      sent += body.length;
      return peer.write(body).then(() => taken += body.length);
    };
    // If it gave up too early, the test would prove less, but not fail.
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const quiet = new Promise<"quiet">((resolve) => timer = setTimeout(() => resolve("quiet"), 100));
      const done = await Promise.race([quiet, write()]);
      clearTimeout(timer);
      assert(taken < TOO_MUCH, "a Stream that does not receive held back nothing");
      if (done === "quiet") break;
    }
    await until(() => server.statistics().held > 0);
    // One chunk more than the high-water mark: the one that was read when the inbox was almost full.
    const { held } = server.statistics();
    assert(held <= 5, `${held} messages are held`);
    assertPattern(await receiveChunks(server, sent), sent);
    await peer[Symbol.asyncDispose]();
  },
  { timeout: 30_000 },
);

test("stream: receiveHighWaterMarkBytes bounds the bytes queued from a peer", async () => {
  await using server = new Stream({ notify: false, receiveHighWaterMarkBytes: 100_000 });
  const { peer } = await connected(server);
  const size = 8 * MIB;
  const written = peer.write(patternBytes(size));
  const chunks: Uint8Array[] = [];
  let largest = 0;
  let longest = 0;
  for (let received = 0; received < size;) {
    if (!server.readable) await server.whenReadable();
    const { bytesReceived } = server.statistics();
    largest = Math.max(largest, bytesReceived - received);
    const [, bytes] = server.tryReceive()!;
    longest = Math.max(longest, bytes.length);
    chunks.push(bytes);
    received += bytes.length;
  }
  await written;
  assertPattern(chunks, size);
  // At most one chunk exceeds the high-water mark.
  assert(largest <= 100_000 + longest, `${largest} bytes were held, in chunks of up to ${longest}`);
  await peer[Symbol.asyncDispose]();
});

test("stream: a million messages of one byte each arrive, in order, in few pieces", async () => {
  await using server = new Stream({ notify: false });
  const { peer, id } = await connected(server);
  const count = 1_000_000;
  const reading = peer.read(count);
  const body = patternBytes(count);
  for (let i = 0; i < count; i++) {
    const message = [id, body.subarray(i, i + 1)];
    if (!server.trySend(message)) await server.send(message);
  }
  assertPattern([await reading], count);
  await peer[Symbol.asyncDispose]();
}, { timeout: 60_000 });

test("stream: peers that write a byte at a time use no more memory than their queue", async () => {
  await using server = new Stream({ notify: false, receiveHighWaterMark: 16 });
  const endpoint = await server.bind(ANY);
  const peers = await Promise.all(Array.from({ length: 10 }, () => NetPeer.connect(endpoint)));
  await server.waitForPeers(peers.length);
  const each = 20_000;
  const writing = Promise.all(peers.map(async (peer) => {
    for (let i = 0; i < each; i += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, j) => peer.write(fillPattern(new Uint8Array(1), i + j))));
    }
  }));
  const chunks = new Map<string, Uint8Array[]>();
  for (let received = 0; received < each * peers.length;) {
    const [id, bytes] = await server.receive();
    const key = String(id);
    if (!chunks.has(key)) chunks.set(key, []);
    chunks.get(key)!.push(bytes);
    received += bytes.length;
    for (const { held } of server.statistics().peers) assert(held <= 17, `${held} messages are held`);
  }
  await writing;
  assertEquals(chunks.size, peers.length);
  for (const received of chunks.values()) assertPattern(received, each);
  for (const peer of peers) await peer[Symbol.asyncDispose]();
}, { timeout: 60_000 });

test("stream: close delivers sent bytes, within linger", async () => {
  for (const linger of [-1, 20_000]) {
    const server = new Stream({ notify: false, sendHighWaterMark: 0 });
    const { peer, id } = await connected(server);
    const size = 20 * MIB;
    await server.send([id, patternBytes(size)]);
    const closing = server.close({ linger });
    assertPattern([await peer.rest()], size);
    peer.end();
    assertEquals(await closing, 0);
    await peer.gone;
  }
}, { timeout: 30_000 });

test("stream: close drops bytes that a peer does not read, and returns the number of messages", async () => {
  for (const linger of [0, 30]) {
    const server = new Stream({ notify: false, sendHighWaterMark: 0 });
    const { peer, id } = await connected(server);
    peer.pause();
    for (let i = 0; i < 40; i++) await server.send([id, new Uint8Array(MIB)]);
    const given = await server.close({ linger });
    assert(given > 0 && given <= 40, `${given}`);
    await peer[Symbol.asyncDispose]();
  }
});
