/**
 * Messages built and read frame by frame.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MessageBuilder, MessageReader } from "../../mod.ts";
import { ZmqError } from "../../src/base/errors.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

const DATES = {
  encode: (date: Date) => new TextEncoder().encode(date.toISOString()),
  decode: (frame: Uint8Array) => {
    const date = new Date(new TextDecoder().decode(frame));
    if (Number.isNaN(date.getTime())) throw new Error("no date");
    return date;
  },
};

test("numbers are big-endian, text is UTF-8", () => {
  const message = new MessageBuilder().uint8(1).uint16(2).uint32(3).int32(-2).uint64(4n).float64(1).text("ü").empty()
    .json([1]).build();
  assertEquals(message.map(toHex), [
    "01",
    "0002",
    "00000003",
    "fffffffe",
    "0000000000000004",
    "3ff0000000000000",
    "c3bc",
    "",
    "5b315d",
  ]);
});

test("property: a built message is read back with equal values", () => {
  const value = fc.record({
    bytes: fc.uint8Array({ maxLength: 20 }),
    text: fc.string({ unit: "grapheme" }),
    json: fc.jsonValue(),
    uint8: fc.nat(0xff),
    uint16: fc.nat(0xffff),
    uint32: fc.integer({ min: 0, max: 0xffff_ffff }),
    int32: fc.integer(),
    int16: fc.integer({ min: -0x8000, max: 0x7fff }),
    int8: fc.integer({ min: -0x80, max: 0x7f }),
    uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    float64: fc.double(),
    date: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
  });
  fc.assert(fc.property(value, (it) => {
    const message = new MessageBuilder().bytes(it.bytes).text(it.text).json(it.json).uint8(it.uint8).uint16(it.uint16)
      .uint32(it.uint32).int32(it.int32).uint64(it.uint64).int64(it.int64).float64(it.float64).with(DATES, it.date)
      .int8(it.int8).int16(it.int16).empty().build();
    // As part of something larger, as received frames are.
    const reader = new MessageReader(message.map((frame) => {
      const larger = new Uint8Array(frame.length + 3);
      larger.set(frame, 2);
      return larger.subarray(2, 2 + frame.length);
    }));
    assertEquals([...reader.bytes()], [...it.bytes]);
    assertEquals([reader.text(), JSON.stringify(reader.json())], [it.text, JSON.stringify(it.json)]);
    assertEquals([reader.uint8(), reader.uint16(), reader.uint32()], [it.uint8, it.uint16, it.uint32]);
    assertEquals([reader.int32(), reader.uint64(), reader.int64()], [it.int32, it.uint64, it.int64]);
    assertEquals([reader.float64(), reader.with(DATES).getTime()], [it.float64, it.date.getTime()]);
    assertEquals([reader.int8(), reader.int16(), reader.remaining], [it.int8, it.int16, 1]);
    reader.empty();
    reader.end();
  }));
});

test("values that do not fit are rejected", () => {
  const builder = new MessageBuilder();
  assertThrows(() => builder.build(), RangeError, "without frames");
  for (const value of [-1, 256, 1.5, NaN]) assertThrows(() => builder.uint8(value), RangeError, `${value}`);
  assertThrows(() => builder.uint16(65_536), RangeError);
  assertThrows(() => builder.uint32(2 ** 32), RangeError);
  assertThrows(() => builder.int32(2 ** 31), RangeError);
  for (const value of [-129, 128]) assertThrows(() => builder.int8(value), RangeError);
  for (const value of [-32_769, 32_768]) assertThrows(() => builder.int16(value), RangeError);
  for (const value of [-1n, 2n ** 64n]) assertThrows(() => builder.uint64(value), RangeError);
  for (const value of [-(2n ** 63n) - 1n, 2n ** 63n]) assertThrows(() => builder.int64(value), RangeError);
  for (const value of [5, "5"]) assertThrows(() => builder.uint64(value as never), TypeError, typeof value);
  assertThrows(() => builder.float64("5" as never), TypeError, "a string");
  assertThrows(() => builder.bytes("text" as never), TypeError, "a string");
  assertThrows(() => builder.text(undefined as never), TypeError, "undefined");
  assertThrows(() => builder.with({ encode: () => null as never, decode: () => 1 }, 1), TypeError, "null");
  assertThrows(() => builder.json(undefined), TypeError, "undefined");
  assertThrows(() => builder.build(), RangeError);
});

test("a built message does not change when more frames are added", () => {
  const builder = new MessageBuilder().text("a");
  const first = builder.build();
  builder.text("b");
  assertEquals([first.length, builder.build().length], [1, 2]);
});

/** The code and the words of the error. */
function failure(read: () => unknown): [string, string] {
  const error = assertThrows(read, ZmqError);
  return [error.code, error.message];
}

test("a missing or invalid frame is an error with the frame number", () => {
  const message = new MessageBuilder().text("a").bytes(new Uint8Array([0xff])).text("{").build();
  const at = (skip: number) => {
    const reader = new MessageReader(message);
    for (let i = 0; i < skip; i++) reader.bytes();
    return reader;
  };
  assertEquals(failure(() => at(0).uint32()), [
    "EPROTO",
    "Cannot read frame 1 as a number: expected 4 bytes, got 1",
  ]);
  assertEquals(failure(() => at(0).empty()), [
    "EPROTO",
    "Cannot read frame 1 as an empty frame: expected 0 bytes, got 1",
  ]);
  assertEquals(failure(() => at(3).text()), ["EPROTO", "Cannot read frame 4: the message has 3 frames"]);
  assertEquals(failure(() => at(1).end()), ["EPROTO", "Cannot end after frame 1: the message has 3 frames"]);
  for (const read of [() => at(1).text(), () => at(1).json(), () => at(2).json(), () => at(0).with(DATES)]) {
    const [code, words] = failure(read);
    assertEquals([code, /^Cannot read frame \d: /.test(words)], ["EPROTO", true], words);
  }
});

test("rest() returns all remaining frames", () => {
  const message = new MessageBuilder().text("a").text("b").build();
  const reader = new MessageReader(message);
  reader.bytes();
  assertStrictEquals(reader.rest()[0], message[1]);
  assertEquals([reader.remaining, reader.rest(), message.length], [0, [], 2]);
});

test("a frame that could not be read is still the next one, for every error of a codec", () => {
  const reader = new MessageReader(new MessageBuilder().text("7").build());
  assertThrows(() => reader.uint32(), ZmqError);
  const codec = {
    encode: () => new Uint8Array(0),
    decode() {
      const nothing: unknown = null;
      throw nothing;
    },
  };
  assertEquals(failure(() => reader.with(codec)), ["EPROTO", "Cannot read frame 1: null"]);
  assertEquals([reader.remaining, reader.json(), reader.remaining], [1, 7, 0]);
});
