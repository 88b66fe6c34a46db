/**
 * The greeting alone: what is read from it, and how early a peer that speaks something else is refused.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/errors.ts";
import { encodeGreeting, GREETING_SIZE, GreetingReader } from "../../src/zmtp/greeting.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { DERIVED, LIBZMQ } from "./vectors.ts";

function read(bytes: Uint8Array): GreetingReader {
  const reader = new GreetingReader();
  reader.read(bytes);
  return reader;
}

function refusal(bytes: Uint8Array): string {
  const error = assertThrows(() => read(bytes), ZmqError);
  assertEquals(error.code, "EPROTO");
  return error.message;
}

test("a greeting tells version, mechanism and role", () => {
  assertEquals(read(LIBZMQ.greeting).greeting, { major: 3, minor: 1, mechanism: "NULL", asServer: false });
  assertEquals(read(DERIVED.greetingOddPadding).greeting, { major: 3, minor: 1, mechanism: "NULL", asServer: true });
  assertEquals(read(DERIVED.greetingFuture).greeting, { major: 4, minor: 2, mechanism: "NULL", asServer: false });
  assertEquals(read(DERIVED.greetingPlain).greeting?.mechanism, "PLAIN");
});

test("a greeting that we make is read back, up to a mechanism of 20 characters", () => {
  for (const mechanism of ["NULL", "CURVE", "ABCDEFGHIJKLMNOPQRST"]) {
    for (const asServer of [false, true]) {
      const bytes = encodeGreeting(mechanism, asServer);
      assertEquals(bytes.length, GREETING_SIZE);
      assertEquals(read(bytes).greeting, { major: 3, minor: 1, mechanism, asServer });
    }
  }
});

test("bytes behind the greeting are left alone, and there is none before all 64 are there", () => {
  const bytes = new Uint8Array(70);
  bytes.set(LIBZMQ.greeting);
  const reader = new GreetingReader();
  assertEquals(reader.read(bytes), GREETING_SIZE);

  const slow = new GreetingReader();
  for (const [i, byte] of LIBZMQ.greeting.entries()) {
    assertStrictEquals(slow.greeting, undefined);
    assertEquals(slow.read(Uint8Array.of(byte)), 1, `byte ${i}`);
  }
  assertEquals(slow.greeting?.mechanism, "NULL");
});

test("the reader keeps no reference to the chunks that it was given", () => {
  const reader = new GreetingReader();
  const first = LIBZMQ.greeting.slice(0, 40);
  reader.read(first);
  first.fill(0xee);
  reader.read(LIBZMQ.greeting.slice(40));
  assertEquals(reader.greeting, { major: 3, minor: 1, mechanism: "NULL", asServer: false });
});

test("what is no greeting is refused as soon as its bytes tell", () => {
  assertEquals(refusal(hex("47")), "The peer does not speak ZMTP 3: no signature");
  assertEquals(refusal(new TextEncoder().encode("GET / HTTP/1.1\r\n")), "The peer does not speak ZMTP 3: no signature");
  assertEquals(refusal(hex("ff 0000000000000001 7e")), "The peer does not speak ZMTP 3: bad signature");
  assertEquals(refusal(hex("ff 0000000000000001 00 5a")), "The peer does not speak ZMTP 3: bad signature");
  assertEquals(refusal(hex("ff 0000000000000001 7f 00")), "The peer speaks ZMTP 1.0, which is not supported");
  assertEquals(refusal(hex("ff 0000000000000001 7f 01")), "The peer speaks ZMTP 2.0, which is not supported");
  assertEquals(refusal(hex("ff 0000000000000001 7f 02")), "The peer speaks ZMTP 2.0, which is not supported");
});

test("a mechanism with bytes behind its padding is not the mechanism without them", () => {
  const bytes = LIBZMQ.greeting.slice();
  bytes[31] = 0x41;
  const mechanism = read(bytes).greeting?.mechanism;
  assertEquals(toHex(new TextEncoder().encode(mechanism)), `4e554c4c${"00".repeat(15)}41`);
});
