/**
 * Which rule a peer broke, in zmq.h's names, for every way of breaking one.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { isProtocolError, ZmqError } from "../../src/base/errors.ts";
import { encodeCommand } from "../../src/zmtp/command.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { encodeMetadata } from "../../src/zmtp/metadata.ts";
import { ProtocolError, type ProtocolRule } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";
import { hex } from "../support/hex.ts";
import { peerHandshake, readyFrame, recorded, type RecorderOptions } from "../support/session_recorder.ts";
import { DERIVED, FROM_OLDER, LIBZMQ } from "./vectors.ts";

const text = (value: string) => new TextEncoder().encode(value);
const NOTHING = new Uint8Array(0);

/** The rule that a peer broke by sending this. */
function rule(options: RecorderOptions, ...parts: Uint8Array[]): ProtocolRule {
  const { error } = recorded(options, ...parts);
  assert(error instanceof ProtocolError, error?.message);
  assert(isProtocolError(error));
  return error.rule;
}

test("a protocol error is a ZmqError that knows the broken rule, and no other error is one", () => {
  const cause = new Error("because");
  const error = new ProtocolError("EMSGSIZE", "UNSPECIFIED", "too long", { cause });
  assertEquals([error.code, error.rule, error.message, error.cause], ["EMSGSIZE", "UNSPECIFIED", "too long", cause]);
  assert(error instanceof ZmqError);
  assert(error instanceof ProtocolError);
  for (const other of [new ZmqError("EPROTO", "broken"), { rule: "UNSPECIFIED" }, new Error("no"), null, undefined]) {
    assertEquals((other as unknown) instanceof ProtocolError, false);
  }
});

test("the greeting: another mechanism is MECHANISM_MISMATCH, a wrong type INVALID_METADATA, the rest UNSPECIFIED", () => {
  assertEquals(rule({}, text("GET / HTTP/1.1")), "UNSPECIFIED");
  assertEquals(rule({}, hex("ff 0000000000000000 00")), "UNSPECIFIED");
  assertEquals(rule({}, DERIVED.greetingPlain), "MECHANISM_MISMATCH");
  assertEquals(rule({ socketType: "PULL" }, FROM_OLDER.greetingDealer20), "INVALID_METADATA");
});

test("the handshake: unexpected commands, malformed ones, and metadata", () => {
  const shake = (...parts: Uint8Array[]) => rule({}, LIBZMQ.greeting, ...parts);
  assertEquals(shake(encodeCommand("HELLO", NOTHING)), "UNEXPECTED_COMMAND");
  assertEquals(shake(LIBZMQ.messageShort), "UNEXPECTED_COMMAND");
  assertEquals(shake(encodeFrame(4, NOTHING)), "MALFORMED_COMMAND_UNSPECIFIED");
  assertEquals(shake(hex("0500")), "MALFORMED_COMMAND_UNSPECIFIED");
  assertEquals(shake(encodeCommand("ERROR", text("\x09oops"))), "MALFORMED_COMMAND_ERROR");
  assertEquals(shake(encodeCommand("ERROR", text("\x02no"))), "UNSPECIFIED");
  assertEquals(shake(hex("06 0000000000010001")), "MALFORMED_COMMAND_UNSPECIFIED");
  assertEquals(shake(readyFrame(hex("00"))), "INVALID_METADATA");
  assertEquals(shake(readyFrame(NOTHING)), "INVALID_METADATA");
  assertEquals(shake(LIBZMQ.readySub), "INVALID_METADATA");
  const identity = encodeMetadata([["Socket-Type", text("PUSH")], ["Identity", new Uint8Array(256)]]);
  assertEquals(shake(readyFrame(identity)), "INVALID_METADATA");
});

test("traffic: malformed commands, invalid frames, and frames over a limit", () => {
  const traffic = (options: RecorderOptions, ...parts: Uint8Array[]) => {
    return rule(options, peerHandshake("PUSH"), ...parts);
  };
  assertEquals(traffic({}, hex("0800")), "UNSPECIFIED");
  assertEquals(traffic({}, encodeCommand("PING", NOTHING)), "MALFORMED_COMMAND_UNSPECIFIED");
  assertEquals(traffic({}, encodeCommand("ERROR", NOTHING)), "MALFORMED_COMMAND_ERROR");
  assertEquals(traffic({}, LIBZMQ.error), "UNSPECIFIED");
  assertEquals(traffic({ limits: { maxFrameSize: 4 } }, LIBZMQ.messageShort), "UNSPECIFIED");
  assertEquals(traffic({ limits: { maxFrames: 2 } }, LIBZMQ.messageMultipart), "UNSPECIFIED");
});

test("a handshake that takes too long breaks no rule", () => {
  const recorder = recorded({});
  recorder.session.onTime(1e9);
  assertEquals([recorder.error?.code, recorder.error instanceof ProtocolError], ["ETIMEDOUT", false]);
});
