/**
 * The session up to READY: the order of its bytes, required properties, the deadline, and every handshake that must
 * fail.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { encodeCommandBody } from "../../src/zmtp/command.ts";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { DEFAULT_LIMITS } from "../../src/zmtp/limits.ts";
import { encodeMetadata } from "../../src/zmtp/metadata.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import {
  peerHandshake,
  readyFrame,
  recorded,
  type RecorderOptions,
  replay,
  SessionRecorder,
} from "../support/session_recorder.ts";
import { DERIVED, LIBZMQ } from "./vectors.ts";
import type { SocketType } from "../support/socket_types.ts";

const text = (value: string) => new TextEncoder().encode(value);
type Property = [name: string, value: Uint8Array];

/** Returns the report of a session about a peer with this metadata. */
function told(properties: Property[], options: RecorderOptions = { socketType: "ROUTER" }) {
  return replay(options, concat([LIBZMQ.greeting, readyFrame(encodeMetadata(properties))]));
}

/** The message of the one failure that `bytes` lead to, and nothing else. */
function failure(options: RecorderOptions, ...parts: Uint8Array[]): string {
  const { events, error, session } = replay(options, concat(parts));
  assertEquals(events.length, 1);
  assertEquals(session.ready, false);
  assertEquals(error?.code, "EPROTO");
  return error!.message;
}

test("the signature is sent at the start, READY as soon as the peer's greeting arrives, before its READY", () => {
  const recorder = new SessionRecorder({ socketType: "PULL" });
  assertEquals(recorder.sentHex, "");
  recorder.session.start(0);
  assertEquals(recorder.sentHex, toHex(LIBZMQ.signature));
  recorder.session.feed(LIBZMQ.greeting.slice(0, 63));
  assertEquals(recorder.sentHex, toHex(LIBZMQ.greeting));
  recorder.session.feed(LIBZMQ.greeting.slice(63));
  assertEquals(recorder.sentHex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyPull));
  assertEquals([recorder.session.ready, recorder.events], [false, []]);
});

test("messages in the chunk of READY come after the peer is known", () => {
  const { events, session } = replay({}, concat([peerHandshake("PUSH"), LIBZMQ.messageShort, LIBZMQ.messageMultipart]));
  assertEquals(events, [
    { ready: "PUSH", identity: "", minor: 1 },
    { message: ["hello"] },
    { message: ["one", "", "three"] },
  ]);
  assertEquals(session.ready, true);
});

test("all properties of a peer can be read, regardless of the case of their names", () => {
  const { peer } = told([["SOCKET-TYPE", text("DEALER")], ["identity", text("me")], ["X-Flavour", text("plain")]]);
  assertEquals(peer?.socketType, "DEALER");
  assertEquals(peer?.identity, text("me"));
  assertEquals(peer?.metadata.get("x-flavour"), text("plain"));
});

test("a routing id may have 255 bytes, and may be missing", () => {
  const longest = told([["Socket-Type", text("DEALER")], ["Identity", new Uint8Array(255).fill(0x61)]]);
  assertEquals(longest.peer?.identity.length, 255);
  assertEquals(told([["Socket-Type", text("DEALER")]]).peer?.identity, hex(""));
});

test("a routing id that is too long, or starts with zero, fails the handshake", () => {
  const message = (identity: Uint8Array) => {
    const { events, error } = told([["Socket-Type", text("DEALER")], ["Identity", identity]]);
    assertEquals(events.length, 1);
    return error?.message ?? "";
  };
  assertStringIncludes(message(new Uint8Array(256).fill(0x61)), "longer than 255 bytes");
  assertStringIncludes(message(hex("00")), "starts with a zero byte");
  assertStringIncludes(message(hex("00 61626364")), "starts with a zero byte");
});

test("a peer without a socket type, or with an unknown one, fails the handshake", () => {
  const message = (properties: Property[]) => told(properties).error?.message ?? "";
  assertStringIncludes(message([]), "did not send its socket type");
  assertStringIncludes(message([["Identity", text("me")]]), "did not send its socket type");
  assertStringIncludes(message([["Socket-Type", text("")]]), "cannot talk to ROUTER");
  assertStringIncludes(message([["Socket-Type", text("dealer")]]), "cannot talk to ROUTER");
  assertStringIncludes(message([["Socket-Type", hex("ff00fe")]]), "cannot talk to ROUTER");
});

test("a peer of the wrong type gets an ERROR before the session ends", () => {
  const { sentHex, error } = replay({ socketType: "PUSH" }, peerHandshake("SUB"));
  assertEquals(error?.message, "The peer is a SUB socket, which cannot talk to PUSH");
  const reason = text("SUB cannot talk to PUSH");
  const command = encodeFrame(4, encodeCommandBody("ERROR", concat([Uint8Array.of(reason.length), reason])));
  assertEquals(sentHex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyPush) + toHex(command));
});

test("malformed metadata and properties given twice fail the handshake", () => {
  const type = encodeMetadata([["Socket-Type", text("PUSH")]]);
  const cases: [metadata: Uint8Array, part: string][] = [
    [concat([type, hex("00")]), "a name that does not fit"],
    [type.slice(0, -1), "a value that does not fit"],
    [concat([type, hex("0141 ffffffff")]), "a value that does not fit"],
    [concat([type, type]), "the property socket-type twice"],
    [
      concat([type, encodeMetadata([["Identity", text("a")], ["identity", text("b")]])]),
      "the property identity twice",
    ],
  ];
  for (const [metadata, part] of cases) {
    assertStringIncludes(failure({}, LIBZMQ.greeting, readyFrame(metadata)), part);
  }
});

test("a handshake that fails takes the rest of its chunk without looking at it", () => {
  const recorder = recorded({ socketType: "PUSH" });
  assertEquals(recorder.session.feed(concat([peerHandshake("SUB"), LIBZMQ.ping, LIBZMQ.messageShort])), true);
  assertEquals(recorder.events.length, 1);
});

test("another security mechanism fails the handshake, and READY is not sent", () => {
  const recorder = replay({}, DERIVED.greetingPlain);
  assertEquals(recorder.error?.message, `The peer's security mechanism is "PLAIN", and this socket's is NULL`);
  assertEquals(recorder.sentHex, toHex(LIBZMQ.greeting));
  const padded = LIBZMQ.greeting.slice();
  padded[31] = 1;
  assertStringIncludes(failure({}, padded), "security mechanism");
});

test("peers that do not speak ZMTP are refused", () => {
  assertStringIncludes(failure({}, text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")), "no signature");
  assertStringIncludes(failure({}, hex("16 0301 0200 01")), "no signature");
  assertStringIncludes(failure({}, hex("ff 5555555555555555 00 01 08 0000")), "bad signature");
});

test("a message, or a command other than READY and ERROR, before the handshake is complete fails it", () => {
  assertMatch(failure({}, LIBZMQ.greeting, LIBZMQ.messageShort), /message before the handshake/);
  assertMatch(failure({}, LIBZMQ.greeting, LIBZMQ.messageMultipart), /message before the handshake/);
  assertMatch(failure({}, LIBZMQ.greeting, LIBZMQ.ping), /sent PING where READY was expected/);
  assertMatch(failure({}, LIBZMQ.greeting, LIBZMQ.subscribe), /sent SUBSCRIBE where READY was expected/);
  assertMatch(failure({}, LIBZMQ.greeting, hex("0400")), /command without a name/);
  assertMatch(failure({}, LIBZMQ.greeting, hex("0408 054552524f52 0561")), /malformed ERROR/);
});

test("the handshake ends at its deadline, and not a moment before", () => {
  const recorder = new SessionRecorder({ limits: { handshakeInterval: 500 } });
  assertEquals(recorder.session.nextDeadline, Infinity);
  recorder.session.start(1000);
  assertEquals(recorder.session.nextDeadline, 1500);
  recorder.session.feed(LIBZMQ.greeting.slice());
  recorder.session.onTime(1499.9);
  assertEquals(recorder.events, []);
  recorder.session.onTime(1500);
  assertEquals(recorder.events, [{ failure: "The handshake took longer than 500 ms", code: "ETIMEDOUT" }]);
  assertEquals(recorder.session.nextDeadline, Infinity);
  recorder.session.onTime(9999);
  recorder.session.feed(LIBZMQ.readyPush.slice());
  assertEquals(recorder.events.length, 1);
});

test("a complete handshake, a failed one and one without a limit have no deadline", () => {
  const { session, events } = recorded({}, peerHandshake("PUSH"));
  assertEquals(session.nextDeadline, Infinity);
  session.onTime(Number.MAX_SAFE_INTEGER);
  assertEquals(events.length, 1);
  assertEquals(recorded({}, hex("00")).session.nextDeadline, Infinity);
  const patient = recorded({ limits: { handshakeInterval: 0 } });
  assertEquals(patient.session.nextDeadline, Infinity);
});

test("the deadline applies to a peer that sends byte by byte", () => {
  const recorder = new SessionRecorder({});
  recorder.session.start(0);
  for (const [i, byte] of LIBZMQ.greeting.entries()) {
    recorder.session.onTime(i);
    recorder.session.feed(Uint8Array.of(byte));
    assertEquals(recorder.session.nextDeadline, DEFAULT_LIMITS.handshakeInterval);
  }
});

test("a session that was ended sends nothing more", () => {
  const types: SocketType[] = ["PULL", "XPUB"];
  for (const socketType of types) {
    const recorder = recorded({ socketType }, LIBZMQ.greeting.slice(0, 20));
    recorder.session.end();
    const sent = recorder.sentHex;
    assertEquals(recorder.session.feed(LIBZMQ.greeting.slice(20)), true);
    recorder.session.onTime(Number.MAX_SAFE_INTEGER);
    assertEquals([recorder.events, recorder.sentHex, recorder.session.ready], [[], sent, false]);
  }
});
