/**
 * Messages of every shape: frame sizes at the borders of the encoding, many frames, and all or nothing.
 *
 * @module
 */

import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { frame, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take, texts } from "./support.ts";

const SIZES = [0, 1, 254, 255, 256, 257, 8191, 16_384, 16_385, 65_535, 65_536, 1_048_576];

/** Bytes that differ from place to place. */
function body(size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++) out[i] = (i * 31 + (i >>> 8) * 17 + size) & 0xff;
  return out;
}

test("frames of every size arrive as they were, alone and together, both ways", async () => {
  await using a = new Pair();
  await using b = new Pair();
  b.connect(await a.bind(ANY));
  for (const size of SIZES) {
    await b.send(body(size));
    const [received, ...more] = await a.receive();
    assertEquals([received.constructor, more.length], [Uint8Array, 0]);
    assertEquals(received, body(size));
  }
  const all = SIZES.map(body);
  await a.send(all);
  assertEquals(await b.receive(), all);
});

test("frames of every size are on the wire as ZMTP says", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push();
  push.connect(listener.endpoint);
  const peer = await listener.join({ type: "PULL" });
  for (const size of SIZES) {
    await push.send([body(size), "end"]);
    const first = await peer.frame();
    assertEquals([size, first.flags], [size, size > 255 ? 3 : 1]);
    assertEquals(first.body, body(size));
    assertEquals(await peer.frame(), { flags: 0, body: new TextEncoder().encode("end") });
  }
});

test("a message of 1000 frames arrives whole, with empty frames in their places", async () => {
  await using dealer = new Dealer();
  await using other = new Dealer();
  other.connect(await dealer.bind(ANY));
  const frames = Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? "" : `${i}`);
  await other.send(frames);
  assertEquals(texts(await dealer.receive()), frames);
});

test("a short frame with a long length is accepted", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  peer.write(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 2, 104, 105), Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0));
  assertEquals(await take(pull, 2), ["hi", ""]);
});

test("a message arrives when its last frame does, byte by byte too", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  const encoded = message("first", "", "second".repeat(50));
  for (const byte of encoded.subarray(0, -1)) await peer.write(Uint8Array.of(byte));
  assertEquals(pull.tryReceive(), undefined);
  await peer.write(encoded.subarray(-1));
  assertEquals(await take(pull, 1), [`first||${"second".repeat(50)}`]);
});

test("an incomplete message of a peer that disconnects is not received, and the others' messages arrive", async () => {
  await using pull = new Pull();
  const endpoint = await pull.bind(ANY);
  await using other = await RawPeer.join(endpoint, { type: "PUSH" });
  for (const half of [frame(1, "cut"), frame(1, "cut").subarray(0, 3), frame(0, "x".repeat(300)).subarray(0, 200)]) {
    await using peer = await RawPeer.join(endpoint, { type: "PUSH" });
    peer.write(message("whole"), half);
    other.write(message("between", "messages"));
    const gone = nextEvent(pull, "disconnect");
    await peer.end();
    await gone;
    other.write(message("after"));
    assertEquals((await take(pull, 3)).sort(), ["after", "between|messages", "whole"]);
  }
  assertEquals(pull.tryReceive(), undefined);
});

test("a connection that is lost in the middle of a message starts with a whole one", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ reconnectInterval: 10 });
  push.connect(listener.endpoint);
  const first = await listener.join({ type: "PULL" });
  first.pause();
  const large = "l".repeat(8 * 1024 * 1024);
  const sends = Array.from({ length: 5 }, (_, i) => push.send([`${i}`, large, "end"]));
  await Promise.all(sends);
  await first[Symbol.asyncDispose]();
  const second = await listener.join({ type: "PULL" });
  const [number, middle, end, ...rest] = await second.message();
  assertEquals([middle!.length, end, rest.length], [large.length, "end", 0]);
  for (let i = Number(number) + 1; i < 5; i++) assertEquals((await second.message())[0], `${i}`);
});

test("any message arrives unchanged, both ways", async () => {
  await using echo = new Dealer();
  await using dealer = new Dealer();
  dealer.connect(await echo.bind(ANY));
  const serving = (async () => {
    for await (const received of echo) await echo.send(received);
  })();
  const frames = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 10 }), async (messages) => {
      for (const one of messages) dealer.trySend(one);
      for (const one of messages) assertEquals(await dealer.receive(), one.map((bytes) => new Uint8Array(bytes)));
    }),
    { numRuns: 50 },
  );
  await echo.close();
  await serving;
}, { timeout: 20_000 });
