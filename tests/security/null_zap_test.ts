/**
 * NULL with an authenticator: READY waits for its answer.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import { concat } from "@std/bytes";
import { toText } from "../../src/base/message.ts";
import { NullMechanism } from "../../src/security/null.ts";
import type { Authenticate, ZapVerdict } from "../../src/security/zap.ts";
import { AuthError } from "../../src/zmtp/auth_error.ts";
import { ProtocolError } from "../../src/zmtp/protocol_error.ts";
import { test } from "../support/harness.ts";
import { peerHandshake, readyFrame, recorded, type SessionRecorder } from "../support/session_recorder.ts";
import { checkBy, METADATA } from "./curve_rig.ts";
import { WELCOME } from "./scenes.ts";

function asking(authenticate: Authenticate): NullMechanism {
  return new NullMechanism(METADATA, checkBy(authenticate));
}

const GREETING_SIZE = 64;

function sentCommands({ sent }: SessionRecorder): string {
  return toText(concat(sent).subarray(GREETING_SIZE));
}

test("the request has no credentials, and an accepted peer is known by the authenticator's answer", () => {
  const asked: unknown[] = [];
  const mechanism = asking(({ mechanism, credentials }) => {
    asked.push(mechanism, credentials);
    return { ...WELCOME, userId: "joe" };
  });
  const recorder = recorded({ socketType: "DEALER", mechanism }, peerHandshake("DEALER"));
  assertEquals(asked, ["NULL", []]);
  assertEquals(toText(recorder.peer!.metadata.get("user-id")!), "joe");
});

test("READY is not sent before the answer, whether the peer's has come or not", async () => {
  for (const first of ["peer", "answer"]) {
    let answer!: (verdict: ZapVerdict) => void;
    const mechanism = asking(() => new Promise((resolve) => answer = resolve));
    const handshake = peerHandshake("DEALER");
    const greeting = handshake.slice(0, GREETING_SIZE);
    const ready = handshake.slice(GREETING_SIZE);
    const recorder = recorded({ socketType: "DEALER", mechanism }, greeting);
    if (first === "peer") recorder.session.feed(ready.slice());
    assertEquals([sentCommands(recorder), recorder.peer], ["", undefined]);
    answer(WELCOME);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(recorder.flushes, 1);
    if (first === "answer") recorder.session.feed(ready.slice());
    assertEquals(recorder.events, [{ ready: "DEALER", identity: "", minor: 1 }]);
    assertEquals(sentCommands(recorder), toText(readyFrame(METADATA)));
  }
});

test("a rejected peer gets an ERROR, and 300 sends nothing", () => {
  for (const status of [300, 400, 500] as const) {
    const recorder = recorded(
      { socketType: "DEALER", mechanism: asking(() => ({ ...WELCOME, status })) },
      peerHandshake("DEALER"),
    );
    assertEquals(sentCommands(recorder), status === 300 ? "" : `\x04\x0a\x05ERROR\x03${status}`);
    assertInstanceOf(recorder.error, AuthError);
    assertEquals(recorder.error.status, status);
  }
});

test("a peer's properties are parsed only when it is accepted: from a copy, independent of the chunk", async () => {
  for (const good of [true, false]) {
    let answer!: (verdict: ZapVerdict) => void;
    const mechanism = asking(() => new Promise((resolve) => answer = resolve));
    const handshake = peerHandshake("DEALER");
    // The length of the name of its first property.
    if (!good) handshake[GREETING_SIZE + 8] = 0xff;
    const recorder = recorded({ socketType: "DEALER", mechanism }, handshake);
    assertEquals(recorder.error, undefined);
    handshake.fill(0xee);
    answer(WELCOME);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(recorder.peer?.socketType, good ? "DEALER" : undefined);
    if (!good) assertInstanceOf(recorder.error, ProtocolError);
  }
});

test("a second READY while the authenticator thinks is unexpected", () => {
  const mechanism = asking(() => new Promise(() => {}));
  const recorder = recorded({ socketType: "DEALER", mechanism }, peerHandshake("DEALER"), readyFrame(METADATA));
  assertInstanceOf(recorder.error, ProtocolError);
  assertEquals(recorder.error.rule, "UNEXPECTED_COMMAND");
});

test("peers of ZMTP 2.0 and 1.0, which cannot be authenticated, are refused", () => {
  assertEquals(asking(() => WELCOME).admitsWithoutHandshake, false);
  assertEquals(new NullMechanism(METADATA).admitsWithoutHandshake, true);
});
