/**
 * Text of peers in text for people.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { endpointText, errorText, hexText, peerText, quotedPeerText, SHOWN } from "../../src/base/peer_text.ts";
import { test } from "../support/harness.ts";
import { assertPlain, HOSTILE } from "../support/plain_text.ts";
import { bytes } from "../support/raw_peer.ts";

test("peer text: printable text is unchanged", () => {
  for (const text of ["", "Invalid socket type", "naïve Übergröße", "日本語のテキスト", 'it said "no"', "😀"]) {
    assertEquals(peerText(text), text);
    assertEquals(peerText(bytes(text)), text);
  }
});

test("peer text: everything else is escaped, each in one way", () => {
  for (
    const [text, shown] of [
      ["a\nb\r\tc", "a\\nb\\r\\tc"],
      ["C:\\temp", "C:\\\\temp"],
      ["\\u{1b}", "\\\\u{1b}"],
      ["\x1b[2J", "\\u{1b}[2J"],
      ["\0\x7f\x9b", "\\u{0}\\u{7f}\\u{9b}"],
      ["\u202e\u2028\ufeff", "\\u{202e}\\u{2028}\\u{feff}"],
      ["\ud800x\udc00", "\\u{d800}x\\u{dc00}"],
      ["\u{e0041}", "\\u{e0041}"],
    ]
  ) assertEquals(peerText(text!), shown);
  assertEquals(peerText(bytes("a", 0xff, "b", 0xc3)), "a\\xffb\\xc3");
  // An overlong slash, half of a surrogate pair, and what is above U+10FFFF.
  assertEquals(peerText(Uint8Array.of(0xc0, 0xaf)), "\\xc0\\xaf");
  assertEquals(peerText(Uint8Array.of(0xed, 0xa0, 0x80)), "\\xed\\xa0\\x80");
  assertEquals(peerText(Uint8Array.of(0xf4, 0x90, 0x80, 0x80)), "\\xf4\\x90\\x80\\x80");
});

test("peer text: a long text is cut and ends with …, never within a character or an escape", () => {
  assertEquals(peerText("x".repeat(SHOWN)), "x".repeat(SHOWN));
  assertEquals(peerText("x".repeat(SHOWN + 1)), `${"x".repeat(SHOWN - 1)}…`);
  assertEquals(peerText("\x1b".repeat(60_000), 14), "\\u{1b}\\u{1b}…");
  assertEquals(peerText(`${"x".repeat(SHOWN - 2)}😀😀`), `${"x".repeat(SHOWN - 2)}…`);
  assertEquals(peerText(bytes(`${"x".repeat(SHOWN - 2)}😀😀`)), `${"x".repeat(SHOWN - 2)}…`);
});

test("peer text: in quotes, a quote does not end it", () => {
  assertEquals(quotedPeerText('NULL", ours is "CURVE'), '"NULL\\", ours is \\"CURVE"');
  assertEquals(quotedPeerText('\\"'), '"\\\\\\""');
});

test("peer text: an endpoint with the longest host name is shown whole", () => {
  const host = "h".repeat(253);
  const endpoint = `tcp://127.0.0.1:65535;${host}:65535`;
  assertEquals(endpointText(endpoint), endpoint);
});

test("peer text: in the message of an error it is escaped once", () => {
  const error = new Error(`the peer said ${quotedPeerText("no\x1b\n")}`);
  assertEquals(errorText(error, 100), error.message);
  assertEquals(errorText(new Error("of a program: \x1b"), 100), "of a program: \\u{1b}");
  for (const [, hostile] of HOSTILE) assertPlain(errorText({ message: peerText(hostile) }, SHOWN));
});

test("peer text: bytes in hexadecimal", () => {
  assertEquals([hexText(bytes("\0a")), hexText(new Uint8Array())], ["0x0061", "0x"]);
});

test("peer text: for any bytes or text, it is printable and short", () => {
  for (const [, hostile] of HOSTILE) assertPlain(peerText(hostile));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (data) => assertPlain(peerText(data))), { numRuns: 500 });
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.integer({ min: 1, max: SHOWN }), (text, most) => {
      const shown = peerText(text, most);
      assertPlain(shown);
      assert(shown.length <= most);
      assertEquals(shown, peerText(bytes(text), most));
    }),
    { numRuns: 500 },
  );
});
