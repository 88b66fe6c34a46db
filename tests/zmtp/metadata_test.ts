/**
 * Handshake metadata: round trips, and every way in which it can be malformed.
 *
 * @module
 */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { encodeMetadata, parseMetadata } from "../../src/zmtp/metadata.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";

const text = (value: string) => new TextEncoder().encode(value);

function refused(data: Uint8Array, part: string): void {
  const error = assertThrows(() => parseMetadata(data), ZmqError);
  assertEquals(error.code, "EPROTO");
  assertStringIncludes(error.message, part);
}

test("properties are written as name length, name, value length, value", () => {
  assertEquals(toHex(encodeMetadata([["A", text("x")], ["Bc", hex("")]])), "01410000000178" + "02426300000000");
  assertEquals(encodeMetadata([]), hex(""));
});

test("names are read in lower case, and values are copies", () => {
  const data = encodeMetadata([["SOCKET-type", text("PUSH")], ["X-a_b.c+1", hex("00ff")]]);
  const metadata = parseMetadata(data);
  data.fill(0xee);
  assertEquals([...metadata], [["socket-type", text("PUSH")], ["x-a_b.c+1", hex("00ff")]]);
  assertEquals(parseMetadata(hex("")).size, 0);
});

test("metadata that is cut anywhere is refused, unless a property ends there", () => {
  const data = encodeMetadata([["First", text("one")], ["Second", text("two")]]);
  const ends = [0, encodeMetadata([["First", text("one")]]).length, data.length];
  for (let length = 0; length <= data.length; length++) {
    if (ends.includes(length)) assertEquals(parseMetadata(data.subarray(0, length)).size, ends.indexOf(length));
    else refused(data.subarray(0, length), "does not fit");
  }
});

test("every malformation is refused by name", () => {
  refused(hex("00"), "a name that does not fit");
  refused(hex("01 41 000000"), "a name that does not fit");
  refused(hex("ff 41 00000000"), "a name that does not fit");
  refused(hex("01 41 00000001"), "a value that does not fit (a)");
  refused(hex("01 41 ffffffff 00"), "a value that does not fit (a)");
  refused(hex("01 41 80000000 00"), "a value that does not fit (a)");
  refused(hex("01 41 00000000 01"), "a name that does not fit");
  refused(hex("02 1b0a ffffffff"), 'a value that does not fit ("??")');
});

test("64 properties are read, one more is refused, and all values share one copy of the bytes", () => {
  const list = (count: number) => Array.from({ length: count }, (_, i) => [`X-${i}`, text(`${i}`)] as const);
  const metadata = parseMetadata(encodeMetadata(list(64)));
  assertEquals([...metadata.values()], list(64).map(([, value]) => value));
  assertEquals(new Set([...metadata.values()].map(({ buffer }) => buffer)).size, 1);
  refused(encodeMetadata(list(65)), "more than 64 properties");
  assertEquals(parseMetadata(encodeMetadata(list(65)), Infinity).size, 65);
});

test("names that RFC 37 does not have are read as they are: empty, with spaces, with bytes that are not ASCII", () => {
  const data = hex("00 00000000 02 4120 00000001 61 02 c3bc 00000000 01 00 00000000");
  assertEquals([...parseMetadata(data)], [["", hex("")], ["a ", text("a")], ["ã¼", hex("")], ["\0", hex("")]]);
});

test("a duplicate property is rejected, regardless of case", () => {
  refused(encodeMetadata([["Name", text("a")], ["Name", text("a")]]), "the property name twice");
  refused(encodeMetadata([["Identity", text("a")], ["IDENTITY", text("b")]]), "the property identity twice");
});

test("a view into the middle of a buffer is read as well as a whole one", () => {
  const data = encodeMetadata([["Name", text("value")]]);
  const buffer = new Uint8Array(data.length + 7);
  buffer.set(data, 5);
  assertEquals([...parseMetadata(buffer.subarray(5, 5 + data.length))], [["name", text("value")]]);
});

test("property: encoded metadata is read back; random bytes are read or rejected with EPROTO", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9\-_.+]{1,255}$/);
  const properties = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 300 })), {
    selector: ([key]) => key.toLowerCase(),
  });
  fc.assert(fc.property(properties, (list) => {
    const expected = list.map(([key, value]): [string, string] => [key.toLowerCase(), toHex(value)]);
    const read = [...parseMetadata(encodeMetadata(list))].map(([key, value]): [string, string] => [key, toHex(value)]);
    assertEquals(read, expected);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
    try {
      parseMetadata(data);
    } catch (error) {
      if (!(error instanceof ZmqError) || error.code !== "EPROTO") throw error;
    }
  }));
});
