/**
 * The sizes of memory in `transports/read_buffer.ts`, which never returns the same byte twice.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ReadBuffer } from "../../transports/deno/read_buffer.ts";
import { test } from "../support/harness.ts";

const LARGEST = 262_144;
/** The most that a connection may hold while nothing arrives. */
const IDLE = 2048;

function fill(buffer: ReadBuffer, times: number): void {
  for (let i = 0; i < times; i++) buffer.take(buffer.next().length);
}

test("ReadBuffer: starts small, grows while reads come back full, up to a limit", () => {
  const buffer = new ReadBuffer();
  const sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    const { length } = buffer.next();
    sizes.push(length);
    buffer.take(length);
  }
  assertEquals(sizes[0], IDLE);
  assertEquals(sizes.at(-1), LARGEST);
  assertEquals(sizes, [...sizes].sort((a, b) => a - b));
});

test("ReadBuffer: a read that comes back short is followed by a small one", () => {
  const buffer = new ReadBuffer();
  fill(buffer, 20);
  assertEquals(buffer.next().length, LARGEST);
  buffer.take(40_000);
  const waiting = buffer.next();
  assert(waiting.buffer.byteLength <= IDLE, "an idle connection holds no large buffer");
});

test("ReadBuffer: small reads never pin a large buffer", () => {
  const buffer = new ReadBuffer();
  fill(buffer, 20);
  buffer.next();
  buffer.take(1);
  for (let i = 0; i < 1000; i++) {
    assert(buffer.next().buffer.byteLength <= IDLE);
    assertEquals(buffer.take(66).length, 66);
  }
});

test("ReadBuffer: memory that was handed out is not read into again", () => {
  const buffer = new ReadBuffer();
  const chunks: Uint8Array[] = [];
  for (let i = 1, random = 1; i <= 2000; i++) {
    random = random * 48271 % 0x7fffffff;
    const into = buffer.next();
    const length = random % 3 === 0 ? into.length : random % (into.length + 1);
    into.fill(i & 255, 0, length);
    const chunk = buffer.take(length);
    assertEquals(chunk.length, length);
    chunks.push(chunk);
  }
  chunks.forEach((chunk, i) => assert(chunk.every((byte) => byte === (i + 1 & 255)), `chunk ${i} was overwritten`));
});
