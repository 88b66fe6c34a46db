/**
 * ZAP frames, in both directions, and every invalid reply with libzmq's name for it.
 *
 * @module
 */

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Message, toText } from "../../src/base/message.ts";
import type { ZapRequest, ZapVerdict } from "../../src/security/zap.ts";
import { encodeZapReply, encodeZapRequest, parseZapReply, parseZapRequest } from "../../src/security/zap_codec.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";

const text = (value: string) => new TextEncoder().encode(value);
const NONE = new Uint8Array(0);

const REQUEST: ZapRequest = {
  domain: "global",
  address: "127.0.0.1",
  identity: text("me"),
  mechanism: "PLAIN",
  credentials: [text("admin"), text("secret")],
};

const VERDICT: ZapVerdict = { status: 200, text: "OK", userId: "joe", metadata: new Map([["level", text("9")]]) };

/** A reply as the asking side sees it, with one frame changed. */
function reply(at = -1, frame: Uint8Array | string = NONE): Message {
  const frames = [NONE, ...encodeZapReply(text("1"), VERDICT)];
  if (at >= 0) frames[at] = typeof frame === "string" ? text(frame) : frame;
  return frames;
}

function ruleOf(frames: Message): string {
  try {
    parseZapReply(frames, "1");
  } catch (error) {
    assertInstanceOf(error, ProtocolError);
    return error.rule;
  }
  return "none";
}

test("a request has the frames of RFC 27, and a handler reads its fields", () => {
  const frames = encodeZapRequest("1", REQUEST);
  assertEquals(frames.map(toText), ["", "1.0", "1", "global", "127.0.0.1", "me", "PLAIN", "admin", "secret"]);
  const { id, request } = parseZapRequest(frames.slice(1));
  assertEquals([toText(id), request], ["1", REQUEST]);
});

test("a reply has the frames of RFC 27, and is read as it was meant", () => {
  assertEquals(reply().map(toText), ["", "1.0", "1", "200", "OK", "joe", "\x05level\0\0\0\x019"]);
  assertEquals(parseZapReply(reply(), "1"), VERDICT);
  for (const status of [300, 400, 500] as const) {
    assertEquals(parseZapReply(reply(3, String(status)), "1").status, status);
  }
});

test("an invalid reply is reported in libzmq's words", () => {
  const long = new Uint8Array(256).fill(0x61);
  const cases: [frames: Message, rule: string][] = [
    [[], "ZAP_MALFORMED_REPLY"],
    [reply().slice(0, 6), "ZAP_MALFORMED_REPLY"],
    [[...reply(), NONE], "ZAP_MALFORMED_REPLY"],
    [reply(0, "x"), "ZAP_UNSPECIFIED"],
    [reply(1, "1.1"), "ZAP_BAD_VERSION"],
    [reply(1, "1.0\0"), "ZAP_BAD_VERSION"],
    [reply(1, ""), "ZAP_BAD_VERSION"],
    [reply(2, "2"), "ZAP_BAD_REQUEST_ID"],
    [reply(2, ""), "ZAP_BAD_REQUEST_ID"],
    ...["", "2", "20", "2000", "201", "600", "100", "abc", " 200", "+20"].map((code): [Message, string] => [
      reply(3, code),
      "ZAP_INVALID_STATUS_CODE",
    ]),
    [reply(4, long), "ZAP_MALFORMED_REPLY"],
    [reply(5, long), "ZAP_MALFORMED_REPLY"],
    [reply(6, "\x05nonsense"), "ZAP_INVALID_METADATA"],
    [reply(6, new Uint8Array([0])), "ZAP_INVALID_METADATA"],
  ];
  for (const [frames, rule] of cases) assertEquals(ruleOf(frames), rule, frames.map(toText).join("|"));
});

test("a request other than ZAP 1.0 is recognized", () => {
  const frames = encodeZapRequest("1", REQUEST).slice(1);
  assertThrows(() => parseZapRequest(frames.slice(0, 5)), ProtocolError, "a request of 5 frames");
  assertThrows(() => parseZapRequest([text("2.0"), ...frames.slice(1)]), ProtocolError, "version is not 1.0");
});

test("a reply cannot say more than 255 bytes of text", () => {
  const long = "a".repeat(256);
  assertThrows(() => encodeZapReply(text("1"), { ...VERDICT, text: long }), RangeError, "more than 255 bytes");
  assertThrows(() => encodeZapReply(text("1"), { ...VERDICT, userId: long }), RangeError, "more than 255 bytes");
});

test("random frames are refused as a ProtocolError, or read", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 8 }), { maxLength: 9 }), (frames) => {
    ruleOf(frames as Message);
  }));
});
