/**
 * The ring that two threads share, with both of its sides in this one: its bytes, its limit, blocks between its bytes, and its sides that sleep.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { newRing, RING_SIZE, RingReader, RingWriter, useSharedMemory } from "../../src/transport/shared_ring.ts";
import { test } from "../support/harness.ts";
import { turn } from "../sockets/support.ts";

const NEVER = () => assert(false, "nothing should wake it");

/** Both sides of a ring. */
function sides(position = 0, woken = { reader: NEVER, writer: NEVER }): [RingWriter, RingReader] {
  const memory = newRing(position)!;
  return [new RingWriter(memory, woken.writer), new RingReader(memory, woken.reader)];
}

/** A byte of the stream at a position. */
const byteAt = (position: number) => (position * 31 + (position >> 8)) & 255;

// Before a wrap of the ring, of signed and of unsigned positions, and of none.
for (const position of [0, RING_SIZE - 100, 2 ** 31 - 1000, -1000]) {
  test(`ring from position ${position}: bytes in their order, in chunks of all sizes, more than fit`, () => {
    const [writer, reader] = sides(position | 0);
    let [written, read, refused] = [0, 0, 0];
    for (let i = 1; read < 4 * RING_SIZE; i++) {
      const chunks = [0, i % 7, (i * 37) % 5000, (i * 7919) % 60_000].map((size) => {
        const chunk = new Uint8Array(size);
        for (let j = 0; j < size; j++) chunk[j] = byteAt(written++);
        return chunk;
      });
      const size = chunks.reduce((sum, { length }) => sum + length, 0);
      const room = RING_SIZE - (written - size - read);
      assertEquals(writer.write(chunks, size), size <= room);
      if (size > room) {
        written -= size;
        refused++;
      }
      if (i % 9 > 0 && size <= room) continue;
      for (let chunk = reader.read(); chunk !== undefined; chunk = reader.read()) {
        assert(chunk.length > 0 && chunk.length <= 64 * 1024);
        assert(chunk.every((byte, j) => byte === byteAt(read + j)));
        read += chunk.length;
        if (i % 2 === 0) break;
      }
    }
    assert(refused > 0);
  });

  test(`ring from position ${position}: a block stands between the bytes around it`, () => {
    const [writer, reader] = sides(position | 0);
    for (let i = 0; i < 50; i++) {
      writer.write([new Uint8Array([i, 1])], 2);
      writer.block();
      if (i % 2 === 0) writer.block();
      writer.write([new Uint8Array([i, 2])], 2);
      for (const [second, blocks] of [[1, i % 2 === 0 ? 2 : 1], [2, 0]]) {
        assertEquals(reader.atBlock, false);
        assertEquals([...reader.read()!], [i, second]);
        for (let left = blocks!; left > 0; left--) {
          assertEquals([reader.read(), reader.atBlock], [undefined, true]);
          reader.passBlock();
        }
      }
    }
  });
}

test("ring: memory that was read is never written again", () => {
  const [writer, reader] = sides();
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < 20_000; i++) {
    assert(writer.write([new Uint8Array(40).fill(i)], 40));
    chunks.push(reader.read()!);
  }
  for (const [i, chunk] of chunks.entries()) assert(chunk.every((byte) => byte === i % 256));
  assert(chunks.every(({ buffer }) => buffer instanceof ArrayBuffer));
});

test("ring: a reader that sleeps is woken once, one that is awake never", async () => {
  let woken = 0;
  const [writer, reader] = sides(0, { reader: () => woken++, writer: NEVER });
  const body = [new Uint8Array(1)];
  writer.write(body, 1);
  assertEquals(writer.wakeReader(), false);
  for (let round = 1; round <= 3; round++) {
    while (reader.read() !== undefined);
    reader.sleeper.lieDown();
    reader.sleeper.wait();
    for (let i = 0; i < 10; i++) {
      writer.write(body, 1);
      assertEquals(writer.wakeReader(), false);
    }
    while (woken < round) await turn();
  }
  await turn(5);
  assertEquals(woken, 3);
  reader.sleeper.lieDown();
  reader.sleeper.wait();
  reader.sleeper.close();
  await turn(5);
  assertEquals(woken, 3);
});

test("ring: a writer that sleeps is woken when half of the ring is free", async () => {
  let woken = 0;
  const [writer, reader] = sides(0, { reader: NEVER, writer: () => woken++ });
  const piece = [new Uint8Array(RING_SIZE / 8)];
  for (let i = 0; i < 8; i++) assert(writer.write(piece, RING_SIZE / 8));
  assert(!writer.write([new Uint8Array(1)], 1));
  writer.sleeper.lieDown();
  writer.sleeper.wait();
  for (let left = RING_SIZE - reader.read()!.length; left > RING_SIZE / 2; left -= reader.read()!.length) {
    assertEquals(reader.wakeWriter(), false);
    await turn();
    assertEquals(woken, 0);
  }
  assertEquals(reader.wakeWriter(), false);
  while (woken < 1) await turn();
});

test("ring: without notifications a message is asked for, once per sleep", () => {
  useSharedMemory({ rings: true, notifications: false });
  const [writer, reader] = sides();
  const body = [new Uint8Array(1)];
  assertEquals(writer.wakeReader(), false);
  reader.sleeper.lieDown();
  reader.sleeper.wait();
  writer.write(body, 1);
  assertEquals([writer.wakeReader(), writer.wakeReader()], [true, false]);
  useSharedMemory({ rings: false, notifications: false });
  assertEquals(newRing(), undefined);
  useSharedMemory();
  assert(newRing() !== undefined);
});
