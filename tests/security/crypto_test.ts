/**
 * The cryptography with NaCl's published vectors, and the further properties that CURVE relies on.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { loadCurveCrypto } from "../../src/security/load_curve_crypto.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";

// "Cryptography in NaCl" (Bernstein, 2009) and NaCl's own tests: `scalarmult`, `box`, `secretbox`.
const ALICE = {
  secret: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
  public: hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
};
const BOB = {
  secret: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
  public: hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
};
const SHARED = hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
const NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
const PLAIN = hex(
  "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f4" +
    "1db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52" +
    "f0a089bc76897040e082f937763848645e0705",
);
const BOX = hex(
  "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b" +
    "4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da" +
    "99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
);

test("public and shared keys are those of NaCl's vectors", () => {
  for (const { secret, public: key } of [ALICE, BOB]) assertEquals(toHex(crypto.publicKey(secret)), toHex(key));
  assertEquals(toHex(crypto.sharedKey(BOB.public, ALICE.secret)!), toHex(SHARED));
  assertEquals(toHex(crypto.sharedKey(ALICE.public, BOB.secret)!), toHex(SHARED));
});

test("boxes are those of NaCl's vectors, one-shot or on a line", () => {
  assertEquals(toHex(crypto.seal(SHARED, NONCE, PLAIN)), toHex(BOX));
  assertEquals(toHex(crypto.open(SHARED, NONCE, BOX)!), toHex(PLAIN));
  // On a line the end of the nonce is a counter, which can say less than 2^53, so the vector goes in by its opening.
  const line = crypto.line(SHARED, NONCE.subarray(0, 16));
  const bytes = concat([NONCE.subarray(16), BOX]);
  assertEquals(line.open(bytes, 0, 8), true);
  assertEquals(toHex(bytes.subarray(24)), toHex(PLAIN));
  line.end();
});

test("points of low order lead to no shared key", () => {
  // Points of orders 1, 2, 4 and 8, and one above the prime (RFC 7748 §7; Langley's list).
  const points = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const point of points) assertEquals(crypto.sharedKey(hex(point), ALICE.secret), undefined, point);
});

test("a line encrypts like the one-shot function, for any size, also between other boxes", () => {
  const prefix = NONCE.subarray(0, 16);
  const line = crypto.line(SHARED, prefix);
  const other = crypto.line(ALICE.secret, prefix);
  const counters = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(counters, fc.nat(255), fc.uint8Array({ maxLength: 300 }), (counter, first, rest) => {
      const end = new Uint8Array(8);
      new DataView(end.buffer).setBigUint64(0, BigInt(counter));
      const expected = crypto.seal(SHARED, concat([prefix, end]), concat([Uint8Array.of(first), rest]));
      const bytes = new Uint8Array(8 + 17 + rest.length);
      bytes.set(end);
      other.seal(counter, first, rest, new Uint8Array(17 + rest.length), 0);
      line.seal(counter, first, rest, bytes, 8);
      assertEquals(toHex(bytes.subarray(8)), toHex(expected));
      assertEquals(other.open(bytes, 0, 8), false);
      assertEquals(toHex(bytes.subarray(8)), toHex(expected));
      assertEquals(line.open(bytes, 0, 8), true);
      assertEquals(toHex(bytes.subarray(24)), toHex(concat([Uint8Array.of(first), rest])));
    }),
    { numRuns: 60 },
  );
  line.end();
  other.end();
});

test("sizes beyond the first memory come back as they were", () => {
  const line = crypto.line(SHARED, NONCE.subarray(0, 16));
  for (const size of [128 * 1024 - 17, 128 * 1024, 1_000_000, 17_000_000, 10]) {
    const rest = new Uint8Array(size).fill(0x5a);
    const bytes = new Uint8Array(8 + 17 + size);
    line.seal(0, 1, rest, bytes, 8);
    assertEquals(line.open(bytes, 0, 8), true, `${size} bytes`);
    assert(bytes.subarray(25).every((byte) => byte === 0x5a), `${size} bytes`);
  }
  line.end();
});

test("a box with any bit changed does not open, and one that is too short neither", () => {
  for (let bit = 0; bit < BOX.length * 8; bit++) {
    const box = BOX.slice();
    box[bit >> 3]! ^= 1 << (bit & 7);
    assertEquals(crypto.open(SHARED, NONCE, box), undefined, `bit ${bit}`);
  }
  for (let size = 0; size < BOX.length; size++) {
    assertEquals(crypto.open(SHARED, NONCE, BOX.subarray(0, size)), undefined);
  }
});

test("a line that has ended does nothing more, and others continue", () => {
  const prefix = NONCE.subarray(0, 16);
  const [ended, other] = [crypto.line(SHARED, prefix), crypto.line(SHARED, prefix)];
  const bytes = new Uint8Array(8 + 17 + 3);
  for (const line of [ended, other]) line.seal(0, 0, new Uint8Array(3), bytes, 8);
  ended.end();
  ended.end();
  assertThrows(() => ended.seal(1, 0, new Uint8Array(3), bytes, 8), Error, "for a closed connection");
  assertThrows(() => ended.open(bytes, 0, 8), Error, "for a closed connection");
  assertEquals(other.open(bytes, 0, 8), true);
  other.end();
});

test("the cryptography is loaded once", async () => {
  assertEquals(await loadCurveCrypto(), crypto);
});

test("random bytes are as many as asked for, and new each time", () => {
  assertEquals([0, 1, 32].map((length) => crypto.random(length).length), [0, 1, 32]);
  assert(toHex(crypto.random(32)) !== toHex(crypto.random(32)));
});
