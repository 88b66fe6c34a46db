/**
 * Commands, ERROR reasons, heartbeats and subscriptions as bytes.
 *
 * @module
 */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import {
  encodeCommand,
  encodeCommandBody,
  encodeErrorReason,
  parseCommand,
  parseErrorReason,
} from "../../src/zmtp/command.ts";
import { encodePing, parsePing, wireTimeToLive } from "../../src/zmtp/ping.ts";
import { encodeSubscription, subscriptionFrame, subscriptionOf } from "../../src/zmtp/subscription.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";

const text = (value: string) => new TextEncoder().encode(value);

function refused(fn: () => unknown): void {
  assertEquals(assertThrows(fn, ZmqError).code, "EPROTO");
}

test("a command is its name with a length, then its data", () => {
  assertEquals(toHex(encodeCommandBody("READY", hex("0102"))), "0552454144590102");
  assertEquals(toHex(encodeCommand("READY", hex("0102"))), "04080552454144590102");
  assertEquals(parseCommand(hex("055245414459 0102")), { name: "READY", data: hex("0102") });
  assertEquals(parseCommand(hex("055245414459")), { name: "READY", data: hex("") });
});

test("a command of more than 255 bytes has a long length", () => {
  assertEquals(toHex(encodeCommand("X", new Uint8Array(253))).slice(0, 4), "04ff");
  assertEquals(toHex(encodeCommand("X", new Uint8Array(254))).slice(0, 18), "060000000000000100");
});

test("a command may have an empty name, which is unknown", () => {
  assertEquals(parseCommand(hex("00")), { name: "", data: hex("") });
  assertEquals(parseCommand(hex("00 5245414459")), { name: "", data: hex("5245414459") });
});

test("a command without any name, or with one that does not fit, is refused", () => {
  refused(() => parseCommand(hex("")));
  refused(() => parseCommand(hex("06 5245414459")));
  refused(() => parseCommand(hex("ff")));
});

test("an ERROR carries its reason, cut to 255 bytes", () => {
  assertEquals(toHex(encodeErrorReason("no")), "026e6f");
  assertEquals(parseErrorReason(encodeErrorReason("no")), "no");
  assertEquals(parseErrorReason(hex("00")), "");
  assertEquals(encodeErrorReason("x".repeat(300)).length, 256);
  assertEquals(parseErrorReason(encodeErrorReason("x".repeat(300))), "x".repeat(255));
  refused(() => parseErrorReason(hex("")));
  refused(() => parseErrorReason(hex("03 6e6f")));
});

test("a time to live is sent so that libzmq, which keeps 16 bits of milliseconds, does not read it as a short one", () => {
  assertEquals([0, 99, 100, 65_500, 65_599].map(wireTimeToLive), [0, 0, 100, 65_500, 65_500]);
  for (let ttl = 0; ttl <= 6_553_599; ttl += 50) {
    const asked = Math.floor(ttl / 100) * 100;
    const sent = wireTimeToLive(ttl);
    const read = sent % 0x1_0000;
    assert(sent >= asked && sent <= asked + 65_600 && sent <= 6_553_500, `${ttl} is sent as ${sent}`);
    assert(read >= Math.min(asked, 65_400), `${ttl} is read as ${read}`);
  }
});

test("a PING has its time to live in tenths of a second, up to the maximum of the field", () => {
  assertEquals(parsePing(hex("000f 6162")), { ttl: 1500, context: text("ab") });
  assertEquals(parsePing(hex("ffff")), { ttl: 6_553_500, context: hex("") });
  const ttlOf = (ttl: number) => toHex(encodePing(ttl, hex("")).slice(-2));
  assertEquals(ttlOf(0), "0000");
  assertEquals(ttlOf(1599), "000f");
  assertEquals(ttlOf(65_536 * 100), "ffff");
  assertEquals(ttlOf(70_000_000), "ffff");
});

test("a PING's context is cut to 16 bytes, and is a copy", () => {
  const data = hex(`0000 ${"61".repeat(20)}`);
  const { context } = parsePing(data);
  data.fill(0);
  assertEquals(context, text("a".repeat(16)));
  refused(() => parsePing(hex("")));
  refused(() => parsePing(hex("00")));
});

test("a subscription takes the form of the peer's version", () => {
  assertEquals(toHex(encodeSubscription(false, text("ab"), 0)), "0003016162");
  assertEquals(toHex(encodeSubscription(true, text("ab"), 0)), "0003006162");
  assertEquals(toHex(encodeSubscription(true, text("ab"), 1)), "04090643414e43454c6162");
  assertEquals(encodeSubscription(true, text("ab"), 2), encodeSubscription(true, text("ab"), 1));
  // A topic of 255 bytes makes a frame of 256, which libzmq does not flag as long, by mistake.
  assertEquals(toHex(encodeSubscription(false, new Uint8Array(255), 0).slice(0, 10)), "02000000000000010001");
});

test("a message of one frame that starts with 00 or 01 is a subscription, others are not", () => {
  assertEquals(subscriptionOf([hex("01 6162")]), { type: "subscribe", topic: text("ab") });
  assertEquals(subscriptionOf([hex("00")]), { type: "cancel", topic: hex("") });
  assertEquals(subscriptionOf([subscriptionFrame(true, text("t"))]), { type: "cancel", topic: text("t") });
  assertStrictEquals(subscriptionOf([hex("")]), undefined);
  assertStrictEquals(subscriptionOf([hex("02 61")]), undefined);
  assertStrictEquals(subscriptionOf([hex("01 61"), hex("")]), undefined);
});
