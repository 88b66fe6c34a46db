/**
 * Back-pressure: a handler that returns `false` stops the session immediately, and `resume` continues with nothing
 * lost.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { NullMechanism } from "../../src/security/null.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { peerHandshake, readyRecorder, type RecordedEvent, SessionRecorder } from "../support/session_recorder.ts";
import { LIBZMQ } from "./vectors.ts";
import { ownMetadata } from "../support/socket_types.ts";

const STREAM = concat([
  LIBZMQ.messageShort,
  LIBZMQ.subscribe,
  LIBZMQ.messageMultipart,
  LIBZMQ.pong,
  LIBZMQ.cancel,
  LIBZMQ.message256,
  LIBZMQ.messageEmpty,
]);

const EVENTS: RecordedEvent[] = [
  { message: ["hello"] },
  { subscribe: "weather." },
  { message: ["one", "", "three"] },
  { cancel: "weather." },
  { message: ["256 × 98"] },
  { message: [""] },
];

test("a session stops at every message and subscription, and goes on at resume", () => {
  const recorder = readyRecorder({ socketType: "XPUB" }, "XSUB");
  recorder.goOn = () => false;
  assertEquals(recorder.session.feed(STREAM.slice()), false);
  for (let i = 1; i < EVENTS.length; i++) {
    assertEquals(recorder.events, EVENTS.slice(0, i));
    assertEquals(recorder.session.resume(), false);
  }
  assertEquals(recorder.events, EVENTS);
  assertEquals(recorder.session.resume(), true);
  assertEquals(recorder.session.resume(), true);
  assertEquals(recorder.events, EVENTS);
});

test("a stop at any one event leaves the rest for resume", () => {
  for (let stop = 1; stop <= EVENTS.length; stop++) {
    const recorder = readyRecorder({ socketType: "XPUB" }, "XSUB");
    recorder.goOn = () => recorder.events.length !== stop;
    assertEquals(recorder.session.feed(STREAM.slice()), false);
    assertEquals(recorder.events, EVENTS.slice(0, stop));
    assertEquals(recorder.session.resume(), true);
    assertEquals(recorder.events, EVENTS);
  }
});

test("a command of the handshake costs the amount of its mechanism, 512 by default", () => {
  for (const [commandCost, cost] of [[4096, 4096], [undefined, 512]] as const) {
    const mechanism = new NullMechanism(ownMetadata("PULL", new Uint8Array(0)));
    const recorder = new SessionRecorder({ mechanism: Object.assign(mechanism, commandCost && { commandCost }) });
    recorder.session.start(0);
    recorder.credit.left = 5000;
    recorder.session.feed(peerHandshake("PUSH"));
    assertEquals([recorder.peer?.socketType, recorder.credit.left], ["PUSH", 5000 - 1 - cost]);
  }
});

test("a session whose credit is used up asks before every frame, and stops there", () => {
  const recorder = readyRecorder({ socketType: "XPUB" }, "XSUB");
  recorder.credit.left = 0;
  let asked = 0;
  recorder.goOnReading = () => ++asked % 2 === 0;
  assertEquals(recorder.session.feed(STREAM.slice()), false);
  assertEquals(recorder.events, []);
  for (let i = 0; !recorder.session.resume(); i++) assert(recorder.events.length <= i + 1 && i < 20);
  assertEquals(recorder.events, EVENTS);
  assert(recorder.credit.left < -10, `${recorder.credit.left}`);
});

test("a PING behind a stop is answered after resume, one before it immediately", () => {
  const recorder = readyRecorder({ socketType: "PULL" }, "PUSH");
  recorder.goOn = () => false;
  recorder.session.feed(concat([LIBZMQ.ping, LIBZMQ.messageShort, LIBZMQ.ping, LIBZMQ.ping]));
  assertEquals(recorder.sentHex, toHex(LIBZMQ.pong));
  assertEquals(recorder.session.resume(), true);
  assertEquals(recorder.sentHex, toHex(LIBZMQ.pong).repeat(3));
});

test("a message that ends its chunk stops the session too, and the next chunk comes after resume", () => {
  const recorder = readyRecorder({}, "PUSH");
  recorder.goOn = () => false;
  assertEquals(recorder.session.feed(LIBZMQ.messageShort.slice()), false);
  assertEquals(recorder.session.resume(), true);
  assertEquals(recorder.session.feed(LIBZMQ.messageShort.slice()), false);
  assertEquals(recorder.messages.length, 2);
});

test("a message can stop the session in the chunk of the handshake", () => {
  const recorder = new SessionRecorder({});
  recorder.goOn = () => false;
  recorder.session.start(0);
  assertEquals(
    recorder.session.feed(concat([peerHandshake("PUSH"), LIBZMQ.messageShort, LIBZMQ.messageEmpty])),
    false,
  );
  assertEquals(recorder.events.slice(1), [{ message: ["hello"] }]);
  assertEquals(recorder.session.resume(), false);
  assertEquals(recorder.events.slice(2), [{ message: [""] }]);
});

test("resume without a stop changes nothing, before, during and after the handshake", () => {
  const recorder = new SessionRecorder({});
  assertEquals(recorder.session.resume(), true);
  recorder.session.start(0);
  for (const byte of concat([peerHandshake("PUSH"), LIBZMQ.messageMultipart])) {
    assertEquals(recorder.session.resume(), true);
    recorder.session.feed(Uint8Array.of(byte));
  }
  assertEquals(recorder.events, [{ ready: "PUSH", identity: "", minor: 1 }, { message: ["one", "", "three"] }]);
});

test("resume from inside a handler does not go deeper", () => {
  const recorder = readyRecorder({}, "PUSH");
  let depth = 0;
  let deepest = 0;
  recorder.goOn = () => {
    deepest = Math.max(deepest, ++depth);
    recorder.session.resume();
    depth--;
    return true;
  };
  const many = concat(Array.from({ length: 500 }, () => LIBZMQ.messageShort));
  assertEquals(recorder.session.feed(many), true);
  assertEquals([recorder.messages.length, deepest], [500, 1]);
});

test("a protocol violation behind a stop fails at resume, not before", () => {
  const recorder = readyRecorder({}, "PUSH");
  recorder.goOn = () => false;
  recorder.session.feed(concat([LIBZMQ.messageShort, hex("8000"), LIBZMQ.messageShort]));
  assertEquals(recorder.error, undefined);
  recorder.session.resume();
  assertEquals(recorder.error?.code, "EPROTO");
  recorder.session.resume();
  assertEquals(recorder.events.length, 2);
});

test("a session that ended while it was stopped delivers nothing more", () => {
  const recorder = readyRecorder({}, "PUSH");
  recorder.goOn = () => false;
  recorder.session.feed(concat([LIBZMQ.messageShort, LIBZMQ.messageShort]));
  recorder.session.end();
  recorder.session.resume();
  assertEquals(recorder.messages.length, 1);
});

test("property: stops anywhere with splits anywhere give the same events in the same order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), fc.infiniteStream(fc.boolean()), (cuts, answers) => {
      const recorder = readyRecorder({ socketType: "XPUB" }, "XSUB");
      recorder.goOn = () => answers.next().value;
      let at = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), STREAM.length]) {
        let done = recorder.session.feed(STREAM.slice(at, cut));
        for (let turn = 0; !done && turn < 100; turn++) done = recorder.session.resume();
        assertEquals(done, true);
        at = cut;
      }
      assertEquals(recorder.events, EVENTS);
    }),
  );
});
