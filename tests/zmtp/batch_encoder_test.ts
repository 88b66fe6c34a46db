/**
 * Messages to chunks: copied and uncopied bytes, slabs taken and returned, and round trips through the decoder.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertNotEquals, assertStrictEquals } from "@std/assert";
import { concat, equals } from "@std/bytes";
import fc from "fast-check";
import type { Message } from "../../src/base/message.ts";
import { BatchEncoder, COPY_LIMIT, SLAB_SIZE, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { encodeFrame, MAX_HEADER_SIZE, MORE, writeHeader } from "../../src/zmtp/frame.ts";
import { FrameDecoder } from "../../src/zmtp/frame_decoder.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

/** A pool that knows which slabs are out. */
class CountingPool extends SlabPool {
  readonly out = new Set<Uint8Array>();
  taken = 0;

  override take(): Uint8Array {
    const slab = super.take();
    assert(!this.out.has(slab), "a slab is lent twice");
    this.out.add(slab);
    this.taken++;
    return slab;
  }

  override give(slab: Uint8Array): void {
    assert(this.out.delete(slab), "a slab is given back that is not out");
    super.give(slab);
  }
}

/** The plain encoding: one frame after another. */
function encoded(messages: readonly Message[]): Uint8Array {
  return concat(
    messages.flatMap((message) => message.map((body, i) => encodeFrame(i === message.length - 1 ? 0 : MORE, body))),
  );
}

/** Messages out of chunks. */
function decoded(chunks: Iterable<Uint8Array>): Message[] {
  const decoder = new FrameDecoder(1024 * 1024);
  const messages: Message[] = [];
  let frames: Message = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (decoder.next()) {
      frames.push(decoder.body);
      if (decoder.flags !== 0) continue;
      messages.push(frames);
      frames = [];
    }
  }
  assertEquals(frames, []);
  return messages;
}

const filled = (length: number, byte = 1) => new Uint8Array(length).fill(byte);

test("small messages are copied side by side into one chunk", () => {
  const batch = new BatchEncoder(new SlabPool());
  const messages = [[filled(3)], [filled(0), filled(255, 2)], [filled(256, 3)]];
  for (const message of messages) batch.addMessage(message);
  const chunks = batch.complete();
  assertEquals(chunks.length, 1);
  assertEquals(batch.bytes, chunks[0]!.length);
  assertEquals(toHex(chunks[0]!), toHex(encoded(messages)));
});

test("a copied body may be changed once the message is added; one over the limit is referred to, not copied", () => {
  const batch = new BatchEncoder(new SlabPool());
  const small = filled(COPY_LIMIT);
  const large = filled(COPY_LIMIT + 1);
  batch.addMessage([small, large, filled(1)]);
  small.fill(9);
  const chunks = batch.complete();
  assertEquals(chunks.length, 3);
  assertEquals(chunks[0]!.length, MAX_HEADER_SIZE + COPY_LIMIT + MAX_HEADER_SIZE);
  assertEquals(chunks[0]![MAX_HEADER_SIZE], 1);
  assertStrictEquals(chunks[1], large);
  assertEquals(chunks[2]!.length, 3);
  assertEquals(batch.bytes, chunks.reduce((sum, chunk) => sum + chunk.length, 0));
});

test("large frames that are encoded already are referred to as well, small ones are copied", () => {
  const batch = new BatchEncoder(new SlabPool());
  const small = encodeFrame(0, filled(5));
  const large = encodeFrame(0, filled(COPY_LIMIT, 2));
  batch.addMessage([filled(2)]);
  batch.addEncoded(small);
  batch.addEncoded(large);
  batch.addMessage([filled(3)]);
  const chunks = batch.complete();
  assertStrictEquals(chunks[1], large);
  assertNotEquals(chunks[0]!.buffer, small.buffer);
  assertEquals(
    toHex(concat([...chunks])),
    toHex(concat([encoded([[filled(2)]]), small, large, encoded([[filled(3)]])])),
  );
  assertEquals(batch.bytes, concat([...chunks]).length);
});

test("many small frames fill several slabs, and reset gives all of them back", () => {
  const pool = new CountingPool();
  const batch = new BatchEncoder(pool);
  const messages = Array.from({ length: 3000 }, (_, i): Message => [filled(i % 90, i)]);
  for (const message of messages) batch.addMessage(message);
  const chunks = batch.complete();
  assertGreater(chunks.length, 1);
  assertEquals(pool.out.size, chunks.length);
  for (const chunk of chunks) assert(chunk.length <= SLAB_SIZE);
  assertEquals(toHex(concat([...chunks])), toHex(encoded(messages)));

  batch.reset();
  assertEquals(pool.out.size, 0);
  assertEquals([batch.bytes, batch.chunks.length], [0, 0]);
  const before = pool.taken;
  batch.addMessage([filled(4)]);
  assertEquals(pool.taken, before + 1);
  assertEquals(toHex(concat([...batch.complete()])), toHex(encoded([[filled(4)]])));
});

test("a slab is filled to its last byte before the next one is taken", () => {
  const pool = new CountingPool();
  const batch = new BatchEncoder(pool);
  // As many of the largest copied frames as fit, then one that fills the slab except for a header.
  const fit = Math.floor(SLAB_SIZE / (COPY_LIMIT + MAX_HEADER_SIZE));
  for (let i = 0; i < fit; i++) batch.addMessage([filled(COPY_LIMIT)]);
  batch.addMessage([filled(SLAB_SIZE - fit * (COPY_LIMIT + MAX_HEADER_SIZE) - MAX_HEADER_SIZE)]);
  assertEquals([pool.taken, batch.bytes], [1, SLAB_SIZE]);
  batch.addMessage([filled(0)]);
  assertEquals(pool.taken, 2);
  assertEquals(batch.complete().length, 2);
});

test("slabs come back from a batch that is empty or was never finished", () => {
  const pool = new CountingPool();
  const batch = new BatchEncoder(pool);
  batch.reset();
  assertEquals(batch.complete().length, 0);
  batch.addMessage([filled(1)]);
  batch.reset();
  assertEquals(pool.out.size, 0);
});

test("a pool lends returned slabs, and keeps no more than its limit", () => {
  const pool = new SlabPool(2);
  const slabs = [pool.take(), pool.take(), pool.take()];
  for (const slab of slabs) pool.give(slab);
  const again = new Set([pool.take(), pool.take(), pool.take()]);
  assertEquals(slabs.filter((slab) => again.has(slab)).length, 2);
  assertEquals(again.size, 3);
});

test("headers of lengths around every boundary, up to the largest exact number", () => {
  const header = (length: number, flags = 0) => {
    const out = new Uint8Array(MAX_HEADER_SIZE + 1);
    return toHex(out.subarray(0, writeHeader(out, 0, flags, length)));
  };
  assertEquals(header(0), "0000");
  assertEquals(header(255, MORE), "01ff");
  assertEquals(header(256, MORE), "030000000000000100");
  assertEquals(header(2 ** 31), "020000000080000000");
  assertEquals(header(2 ** 32 - 1), "0200000000ffffffff");
  assertEquals(header(2 ** 32), "020000000100000000");
  assertEquals(header(Number.MAX_SAFE_INTEGER), "02001fffffffffffff");
});

test("property: random messages survive encoding and decoding at random splits, batch after batch", () => {
  const body = fc.oneof(
    { weight: 16, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 1, arbitrary: fc.integer({ min: COPY_LIMIT - 2, max: COPY_LIMIT + 2 }).map((size) => filled(size, 5)) },
    { weight: 1, arbitrary: fc.integer({ min: SLAB_SIZE - 2, max: SLAB_SIZE + 2 }).map((size) => filled(size, 6)) },
  );
  const message = fc.array(body, { minLength: 1, maxLength: 4 });
  const batches = fc.array(fc.array(message, { maxLength: 8 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(batches, fc.array(fc.nat(200_000), { maxLength: 20 }), (list, cuts) => {
      const pool = new CountingPool();
      const batch = new BatchEncoder(pool);
      for (const messages of list) {
        for (const one of messages) batch.addMessage(one);
        const bytes = concat([...batch.complete()]);
        assertEquals(bytes.length, batch.bytes);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        const result = decoded(chunks);
        assertEquals(
          result.map((one) => one.map(({ length }) => length)),
          messages.map((one) => one.map(({ length }) => length)),
        );
        assert(equals(concat(result.flat()), concat(messages.flat())));
        batch.reset();
        assertEquals(pool.out.size, 0);
      }
    }),
    { numRuns: 40 },
  );
});
