/**
 * Keys and certificates: Z85, accepted values, files of other programs; and that no secret is ever shown.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import fc from "fast-check";
import { formatCertificate, parseCertificate } from "../../src/security/certificate.ts";
import { curveKeyPair, curvePublic, readCurveKey } from "../../src/security/curve_keys.ts";
import { equalSecrets } from "../../src/security/equal.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import { decodeZ85, encodeZ85 } from "../../src/security/z85.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { curveClient, curveServer, METADATA } from "./curve_rig.ts";
import { bytesOf, CLIENT, SERVER } from "./keys.ts";
import { meet } from "./pair.ts";

test("Z85 is that of RFC 32", () => {
  assertEquals(encodeZ85(hex("864fd26fb559f75b")), "HelloWorld");
  assertEquals(toHex(decodeZ85("HelloWorld")), "864fd26fb559f75b");
  assertEquals([encodeZ85(new Uint8Array(0)), decodeZ85("").length], ["", 0]);
  assertEquals([encodeZ85(hex("ffffffff")), toHex(decodeZ85("%nSc0"))], ["%nSc0", "ffffffff"]);
});

test("bytes come back from Z85 as they were", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    const whole = bytes.subarray(0, bytes.length - bytes.length % 4);
    assertEquals(toHex(decodeZ85(encodeZ85(whole))), toHex(whole));
  }));
});

test("invalid Z85 is reported by its position, and is not quoted in the message", () => {
  for (const length of [1, 2, 3, 5]) {
    assertThrows(() => encodeZ85(new Uint8Array(length)), RangeError, "a multiple of 4");
  }
  assertThrows(() => decodeZ85("Hello1"), RangeError, "a multiple of 5");
  for (const character of ["~", " ", '"', "ü", "\0", "\n"]) {
    assertThrows(() => decodeZ85(`Hello12${character}45`), RangeError, "Cannot read character 8 as Z85");
  }
  assertThrows(() => decodeZ85("Hello%nSc1"), RangeError, "Cannot read characters 6 to 10 as Z85");
  assertThrows(() => decodeZ85("#####"), RangeError, "Cannot read characters 1 to 5 as Z85");
  assertThrows(() => decodeZ85(5 as unknown as string), TypeError);
  assertThrows(() => encodeZ85("text" as unknown as Uint8Array), TypeError);
});

test("a key is 40 characters of Z85 or 32 bytes, and nothing else", () => {
  const { secretKey } = bytesOf(CLIENT);
  assertEquals(readCurveKey(CLIENT.secretKey, "a key"), secretKey);
  const copy = readCurveKey(secretKey, "a key");
  assertEquals(copy, secretKey);
  assert(copy !== secretKey);
  const cases: [key: unknown, error: typeof RangeError | typeof TypeError, words: string][] = [
    [CLIENT.secretKey.slice(1), RangeError, "Cannot use 39 characters as the secret key"],
    [`${CLIENT.secretKey}a`, RangeError, "Cannot use 41 characters as the secret key"],
    [`${CLIENT.secretKey.slice(1)}~`, RangeError, "Cannot use the secret key: Cannot read character 40"],
    [new Uint8Array(31), RangeError, "Cannot use 31 bytes as the secret key"],
    [new Uint8Array(33), RangeError, "Cannot use 33 bytes as the secret key"],
    [32, TypeError, "Expected the secret key"],
    [null, TypeError, "Expected the secret key"],
  ];
  for (const [key, type, words] of cases) {
    assertThrows(() => readCurveKey(key as string, "the secret key"), type, words);
  }
});

test("pairs of keys are made, and a secret key leads to its public one", async () => {
  const [one, two] = [await curveKeyPair(), await curveKeyPair()];
  assertEquals(await curvePublic(one.secretKey), one.publicKey);
  assertEquals(await curvePublic(decodeZ85(two.secretKey)), two.publicKey);
  assert(one.secretKey !== two.secretKey);
  assertEquals(await curvePublic(SERVER.secretKey), SERVER.publicKey);
  await assertRejects(() => curvePublic("short"), RangeError, "Cannot use 5 characters as the secret key");
});

/** As pyzmq 24 wrote it. */
const PYZMQ = `#   ****  Generated on 2026-11-23 07:00:31.457571 by pyzmq  ****
#   ZeroMQ CURVE **Secret** Certificate
#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.

metadata
    name = Demo 1
curve
    public-key = "0I*Aj{.eVZrpNM.EMteP^hx28}PSMG1L{7<XT):Z"
    secret-key = "cEk+i70@uOP<=t%{z1hEvK)d8V6q1>9ttCH*LeUV"
`;

test("certificates of others are read: pyzmq's, and those with other quotes, comments and line ends", () => {
  assertEquals(parseCertificate(PYZMQ), {
    publicKey: "0I*Aj{.eVZrpNM.EMteP^hx28}PSMG1L{7<XT):Z",
    secretKey: "cEk+i70@uOP<=t%{z1hEvK)d8V6q1>9ttCH*LeUV",
    metadata: { name: "Demo 1" },
  });
  const other =
    `metadata\r\n    mail = 'a "b" # c' # comment\r\n  # comment\r\ncurve\r\n\tpublic-key=${CLIENT.publicKey}\r\n`;
  assertEquals(parseCertificate(other), { publicKey: CLIENT.publicKey, metadata: { mail: 'a "b" # c' } });
  const sections = `context\n    iothreads = 1\ncurve\n    public-key = "${CLIENT.publicKey}"\nversion = 1\n`;
  assertEquals(parseCertificate(sections), { publicKey: CLIENT.publicKey, metadata: {} });
});

test("certificates come back as they were written", () => {
  const metadata = { name: "Demo 1", "e-mail": 'x"y', quote: "it's", empty: "" };
  for (const certificate of [{ ...CLIENT, metadata }, { publicKey: CLIENT.publicKey, metadata }]) {
    assertEquals(parseCertificate(formatCertificate(certificate)), certificate);
  }
  assertEquals(formatCertificate({ publicKey: CLIENT.publicKey, metadata: {} }).includes(CLIENT.secretKey), false);
});

test("a pair of keys is a certificate as it is, and keys may be bytes", async () => {
  const pair = await curveKeyPair();
  assertEquals(parseCertificate(formatCertificate(pair)), { ...pair, metadata: {} });
  assertEquals(parseCertificate(formatCertificate(bytesOf(CLIENT))), { ...CLIENT, metadata: {} });
  assertEquals(formatCertificate({ ...CLIENT, secretKey: undefined, metadata: undefined }).includes("secret"), false);
});

test("property: metadata is read back unchanged, with any characters", () => {
  const odd = fc.constantFrom(
    "\u2028",
    "\u2029",
    "\x85",
    "\v",
    "\f",
    "\0",
    "\ufeff",
    "\u00a0",
    " ",
    "#",
    "=",
    '"',
    "\\",
    "ü",
  );
  const value = fc.oneof(fc.string(), fc.string({ unit: odd }), fc.string({ unit: "grapheme" }))
    .filter((text) => !/[\r\n]/.test(text) && !(text.includes('"') && text.includes("'")));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z0-9$\-@.&+/_]+$/), value), (metadata) => {
      assertEquals(parseCertificate(formatCertificate({ ...CLIENT, metadata })), {
        ...CLIENT,
        metadata: { ...metadata },
      });
    }),
    { numRuns: 500 },
  );
});

test("an invalid certificate is a TypeError that describes a valid one", () => {
  const wrong: [value: unknown, part: string][] = [
    [undefined, "expected { publicKey"],
    [null, "expected { publicKey"],
    ["text", "expected { publicKey"],
    [CLIENT.publicKey, "expected { publicKey"],
    [{}, "expected { publicKey"],
    [{ public: CLIENT.publicKey, secret: CLIENT.secretKey }, "expected { publicKey"],
    [Promise.resolve(CLIENT), "await it"],
    [{ publicKey: undefined }, "the public key of the certificate"],
    [{ publicKey: 1 }, "the public key of the certificate"],
    [{ ...CLIENT, secretKey: null }, "the secret key of the certificate"],
    [{ ...CLIENT, metadata: null }, "metadata must be an object"],
    [{ ...CLIENT, metadata: "name" }, "metadata must be an object"],
    [{ ...CLIENT, metadata: ["name"] }, "metadata must be an object"],
    [{ ...CLIENT, metadata: new Map([["name", "x"]]) }, "metadata must be an object"],
    [{ ...CLIENT, metadata: { name: 1 } }, "Cannot write name into a certificate"],
  ];
  for (const [value, part] of wrong) {
    const error = assertThrows(() => formatCertificate(value as never), TypeError, part);
    assertEquals([error.message.includes(CLIENT.publicKey), error.message.includes(CLIENT.secretKey)], [false, false]);
  }
});

test("a file that is not a certificate, and fields that cannot be written into one, are rejected without quoting a key", () => {
  assertThrows(() => parseCertificate("curve\n    secret-key = x\n"), RangeError, "without a public key");
  assertThrows(() => parseCertificate(PYZMQ.replace("UV", "U")), RangeError, "the secret key of the certificate");
  assertThrows(() => parseCertificate("curve\n    = secret\n"), RangeError, "Cannot read line 2");
  for (const [name, value] of [["a b", "x"], ["a", "x\ny"], ["a", `'"`]] as const) {
    const metadata = { [name]: value };
    assertThrows(() => formatCertificate({ ...CLIENT, metadata }), RangeError, "into a certificate");
  }
  assertThrows(() => formatCertificate({ publicKey: "short", metadata: {} }), RangeError, "the public key");
});

test("secrets are compared byte by byte, for any lengths", () => {
  const cases: [a: string, b: string][] = [["", ""], ["aa", "aa"], ["aa", "ab"], ["aa", "aaaa"], ["aaaa", "aa"], [
    "",
    "00",
  ], ["00", ""]];
  for (const [a, b] of cases) assertEquals(equalSecrets(hex(a), hex(b)), a === b);
});

test("no secret is shown when a mechanism is printed, or in an error", () => {
  const client = curveClient();
  const server = curveServer();
  const pair = meet(client, server);
  const plain = new PlainClient({
    metadata: METADATA,
    username: new Uint8Array([1]),
    password: new Uint8Array([201, 202, 203]),
  });
  const secrets = [bytesOf(CLIENT).secretKey, bytesOf(SERVER).secretKey, new Uint8Array([201, 202, 203])];
  const { Bun, Deno } = globalThis as {
    Bun?: { inspect(value: unknown): string };
    Deno?: { inspect(value: unknown): string };
  };
  for (const value of [client, server, plain, pair.client.session, client.cipher]) {
    const shown = [
      inspect(value, { depth: 9, showHidden: true, maxArrayLength: null }),
      JSON.stringify(value),
      String(value),
      Bun?.inspect(value) ?? "",
      Deno?.inspect(value) ?? "",
    ].join("\n");
    for (const secret of secrets) {
      const bytes = [...secret.subarray(0, 3)];
      for (const form of [bytes.join(", "), bytes.join(","), toHex(secret)]) assertEquals(shown.includes(form), false);
    }
  }
});

test("a mechanism wipes its copy of the long-term secret key when its connection ends", () => {
  const keys = [bytesOf(CLIENT).secretKey, bytesOf(SERVER).secretKey];
  const [client, server] = [curveClient({ secretKey: keys[0]! }), curveServer({ secretKey: keys[1]! })];
  meet(client, server);
  assert(keys.every((key) => key.some((byte) => byte !== 0)));
  client.end();
  server.end();
  assert(keys.every((key) => key.every((byte) => byte === 0)));
});
