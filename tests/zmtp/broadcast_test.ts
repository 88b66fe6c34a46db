/**
 * A message encoded once for many peers.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import type { Message } from "../../src/base/message.ts";
import { Broadcast } from "../../src/zmtp/broadcast.ts";
import { encodeFrame, MORE } from "../../src/zmtp/frame.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

/** The bytes on the wire, computed in another way. */
function framed(message: Message): Uint8Array {
  return concat(message.map((frame, i) => encodeFrame(i < message.length - 1 ? MORE : 0, frame)));
}

/** Encodes a message; `undefined` if it is too large. */
function encoded(broadcast: Broadcast, message: Message): Uint8Array | undefined {
  broadcast.begin(message);
  const shared = broadcast.encode();
  assertEquals(broadcast.encode(), shared);
  const { slab, start, end } = broadcast;
  broadcast.release();
  return shared ? slab.subarray(start, end) : undefined;
}

test("property: the bytes are those of the frames, and do not change", () => {
  const frame = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.nat(5000).map((size) => new Uint8Array(size).fill(7)));
  fc.assert(
    fc.property(fc.array(fc.array(frame, { minLength: 1, maxLength: 4 }), { maxLength: 60 }), (messages) => {
      const broadcast = new Broadcast();
      const all = messages.map((message) => encoded(broadcast, message));
      for (const [i, bytes] of all.entries()) {
        if (bytes !== undefined) assertEquals(toHex(bytes), toHex(framed(messages[i]!)));
        else assert(messages[i]!.reduce((sum, one) => sum + one.length, 0) > 10_000);
      }
    }),
    { numRuns: 50 },
  );
});

test("messages lie side by side until a slab is full, and a message without subscribers takes no room", () => {
  const broadcast = new Broadcast();
  encoded(broadcast, [new Uint8Array(100)]);
  const { slab, end } = broadcast;
  broadcast.begin([new Uint8Array(500)]);
  broadcast.release();
  encoded(broadcast, [new Uint8Array(1)]);
  assertEquals([broadcast.slab === slab, broadcast.start, broadcast.bytes], [true, end, 1]);
  while (broadcast.slab === slab) encoded(broadcast, [new Uint8Array(1000)]);
  assertEquals(broadcast.start, 0);
});

test("a large message is not shared, and nothing of a message is kept when it is sent", () => {
  const broadcast = new Broadcast();
  assertStrictEquals(encoded(broadcast, [new Uint8Array(16 * 1024)]), undefined);
  assertEquals(broadcast.message, []);
  assertEquals(broadcast.slab.length, 0);
});

test("a detached buffer is an empty frame", () => {
  const gone = new Uint8Array(10);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  assertEquals(toHex(encoded(new Broadcast(), [gone, new Uint8Array([1])])!), "0100000101");
});
