/**
 * Messages as users pass them in: every kind of frame, what is refused, and who owns which memory.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { messageBytes, MessageIntake, toBytes, toKey, toText } from "../../src/base/message.ts";
import { message } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

const read = (input: unknown) => new MessageIntake().read(input as never);
const hexes = (input: unknown) => read(input).map(toHex);

test("a frame may be bytes of any kind, text, a number or nothing", () => {
  const bytes = new Uint8Array([1, 2, 3, 4]);
  assertEquals(hexes(bytes), ["01020304"]);
  assertEquals(hexes(bytes.buffer), ["01020304"]);
  assertEquals(hexes(new DataView(bytes.buffer, 1, 2)), ["0203"]);
  assertEquals(hexes(new Uint16Array(bytes.buffer, 2, 1)), ["0304"]);
  assertEquals(hexes("hä€😀"), ["68c3a4e282acf09f9880"]);
  assertEquals(hexes(""), [""]);
  assertEquals(hexes(null), [""]);
  assertEquals(hexes(-12.5), ["2d31322e35"]);
  assertEquals(hexes(0), ["30"]);
});

test("an array is a message of its elements", () => {
  assertEquals(hexes(["a", null, new Uint8Array([255]), 7]), ["61", "", "ff", "37"]);
  assertEquals(hexes([""]), [""]);
});

test("bytes are referred to, not copied; the array is a new one", () => {
  const [first, second] = [new Uint8Array([1]), new Uint8Array([2])];
  const input = [first, second];
  const result = read(input);
  assertStrictEquals(result[0], first);
  assertStrictEquals(result[1], second);
  input.pop();
  assertEquals(result.length, 2);
  assertStrictEquals(read(first)[0], first);
});

test("an invalid message is rejected by type", () => {
  assertStringIncludes(assertThrows(() => read([]), TypeError).message, "at least one frame");
  class Named {
    static readonly name = 5;
  }
  const values: [value: unknown, type: string][] = [
    ...[undefined, true, 1n, {}, () => 1, Symbol("s")].map((value): [unknown, string] => [value, typeof value]),
    [new Date(), "Date"],
    [Object.create(null), "object"],
    [new Named(), "object"],
  ];
  for (const [value, type] of values) {
    for (const input of [value, ["good", value]]) {
      const error = assertThrows(() => read(input), TypeError);
      assertStringIncludes(error.message, `a frame of type ${type}:`);
    }
  }
  assertThrows(() => read([["nested"]]), TypeError, "a frame of type Array:");
  assertThrows(() => read(new Array(2)), TypeError, "undefined");
});

test("texts that share memory do not overwrite each other, however many there are", () => {
  const reader = new MessageIntake();
  const list = Array.from({ length: 5000 }, (_, i) => `${i}-${"ä€x"[i % 3]!.repeat(i % 40)}`);
  const frames = list.map((text) => reader.read(text)[0]!);
  assertEquals(frames.map(toText), list);
});

test("texts around the size of the shared memory are whole", () => {
  const reader = new MessageIntake();
  for (const length of [1023, 1024, 1025, 16 * 1024, 100_000]) {
    for (const letter of ["x", "€"]) {
      const text = letter.repeat(length);
      assertEquals(toText(reader.read(text)[0]!) === text, true, `${length} of ${letter}`);
    }
  }
});

test("half of a surrogate pair becomes U+FFFD, as in every encoder of UTF-8", () => {
  assertEquals(hexes("a\ud800b"), ["61efbfbd62"]);
  assertEquals(toText(new Uint8Array([0x61, 0xff, 0x62])), "a\ufffdb");
});

test("toBytes takes text and bytes, and nothing else", () => {
  const bytes = new Uint8Array([1]);
  assertStrictEquals(toBytes(bytes), bytes);
  assertEquals(toHex(toBytes("ä")), "c3a4");
  assertEquals(toBytes(new Uint8Array([1]).buffer as never), bytes);
  for (const value of [undefined, null, 1, Object.create(ArrayBuffer.prototype), ["a"]]) {
    assertThrows(() => toBytes(value as never), TypeError);
  }
});

test("the bytes of a message are those of all its frames", () => {
  assertEquals(messageBytes(message("")), 0);
  assertEquals(messageBytes(message("abc")), 3);
  assertEquals(messageBytes(message("abc", "", "de")), 5);
});

test("property: texts are read as their UTF-8, and keys distinguish bytes", () => {
  const reader = new MessageIntake();
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (list) => {
    const encoder = new TextEncoder();
    assertEquals(reader.read(list).map(toHex), list.map((text) => toHex(encoder.encode(text))));
  }));
  fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
    assertEquals(toKey(a) === toKey(b), toHex(a) === toHex(b));
  }));
});
