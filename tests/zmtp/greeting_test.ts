/**
 * The 64 bytes of a greeting: reading and writing them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { encodeGreeting, GREETING_SIZE, parseGreeting } from "../../src/zmtp/greeting.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { DERIVED, LIBZMQ } from "./vectors.ts";

test("a greeting has version, mechanism and role", () => {
  assertEquals(parseGreeting(LIBZMQ.greeting), { major: 3, minor: 1, mechanism: "NULL", asServer: false });
  assertEquals(parseGreeting(DERIVED.greetingOddPadding), { major: 3, minor: 1, mechanism: "NULL", asServer: true });
  assertEquals(parseGreeting(DERIVED.greetingFuture), { major: 4, minor: 2, mechanism: "NULL", asServer: false });
  assertEquals(parseGreeting(DERIVED.greetingPlain).mechanism, "PLAIN");
});

test("a greeting that we make is read back, up to a mechanism of 20 characters", () => {
  for (const mechanism of ["NULL", "CURVE", "ABCDEFGHIJKLMNOPQRST"]) {
    for (const asServer of [false, true]) {
      const bytes = encodeGreeting(mechanism, asServer);
      assertEquals(bytes.length, GREETING_SIZE);
      assertEquals(parseGreeting(bytes), { major: 3, minor: 1, mechanism, asServer });
    }
  }
});

test("the signature is the header of a ZMTP 1.0 frame with our routing id, as in libzmq", () => {
  assertEquals(toHex(encodeGreeting("NULL", false, 8)), toHex(LIBZMQ.greetingWithIdentity));
  const signature = (length: number) => toHex(encodeGreeting("NULL", false, length).subarray(0, 10));
  assertEquals(signature(0), "ff00000000000000017f");
  assertEquals(signature(254), "ff00000000000000ff7f");
  assertEquals(signature(255), "ff00000000000001007f");
});

test("a mechanism with bytes behind its padding is not the mechanism without them", () => {
  const bytes = LIBZMQ.greeting.slice();
  bytes[31] = 0x41;
  const { mechanism } = parseGreeting(bytes);
  assertEquals(toHex(new TextEncoder().encode(mechanism)), `4e554c4c${"00".repeat(15)}41`);
});
