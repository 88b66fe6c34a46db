/**
 * The unwritten rest of a write: all of it is sent once, in order, however it is split, and transferred memory is
 * detected.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Unwritten } from "../../src/transport/unwritten.ts";
import { test } from "../support/harness.ts";
import { assertPattern, patternBytes } from "./peer.ts";

/** A generator of numbers from 0 up to `below`, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
}

test("unwritten: every byte once, in order, for any chunk sizes, with empty chunks between", () => {
  const unwritten = new Unwritten();
  for (let seed = 1; seed <= 300; seed++) {
    const random = numbers(seed);
    const bytes = patternBytes(random(400));
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + random(60));
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    const from = random(chunks.length + 1);
    const offset = from < chunks.length ? random(chunks[from]!.length + 1) : 0;
    const out = chunks.slice(0, from);
    if (offset > 0) out.push(chunks[from]!.subarray(0, offset));
    unwritten.keep(chunks, from, offset);
    chunks.fill(new Uint8Array([0xbd]));
    for (let next = unwritten.next(); next !== undefined; next = unwritten.next()) {
      const length = random(next.length + 1);
      assertEquals(unwritten.atHand, next.length);
      out.push(next.subarray(0, length));
      unwritten.take(length);
    }
    assertPattern(out, bytes.length);
    assertEquals(unwritten.gone, false);
  }
});

test("unwritten: dropped bytes are not written", () => {
  const unwritten = new Unwritten();
  unwritten.keep([new Uint8Array(1), new Uint8Array(1)]);
  unwritten.clear();
  assertEquals([unwritten.next(), unwritten.gone], [undefined, false]);
});

test("unwritten: memory that was transferred, before its turn and during its write", () => {
  const transfer = ({ buffer }: Uint8Array) => void structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  for (const turn of [0, 1, 2]) {
    const chunks = [0, 1, 2].map((i) => new Uint8Array(10).fill(i));
    const unwritten = new Unwritten();
    unwritten.keep(chunks);
    for (let i = 0; i < turn; i++) unwritten.take(unwritten.next()!.length);
    transfer(chunks[turn]!);
    assertEquals([unwritten.next(), unwritten.gone], [undefined, true], `chunk ${turn}`);
  }
  const chunk = new Uint8Array(10);
  const unwritten = new Unwritten();
  unwritten.keep([chunk]);
  assertEquals(unwritten.next(), chunk);
  transfer(chunk);
  unwritten.take(4);
  assertEquals([unwritten.next(), unwritten.gone], [undefined, true]);
});
