/**
 * The session after READY: messages and commands in any mix at any split, and every way in which a peer can break it.
 *
 * @module
 */

import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { toText } from "../../src/base/message.ts";
import { encodeCommand } from "../../src/zmtp/command.ts";
import { COMMAND, encodeFrame, MORE } from "../../src/zmtp/frame.ts";
import { encodeSubscription } from "../../src/zmtp/subscription.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import {
  feedSplit,
  peerHandshake,
  readyRecorder,
  type RecordedEvent,
  replay,
  SessionRecorder,
} from "../support/session_recorder.ts";
import { LIBZMQ } from "./vectors.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** The failure that comes of `bytes` in traffic, after one good message and before another. */
function failure(bytes: Uint8Array): { code: string; message: string } {
  const { events } = replay({}, concat([peerHandshake("PUSH"), LIBZMQ.messageShort, bytes, LIBZMQ.messageShort]));
  assertEquals(events.length, 3);
  assertEquals(events[1], { message: ["hello"] });
  const last = events[2]!;
  if (!("failure" in last)) throw new Error(`Expected a failure, got ${JSON.stringify(last)}`);
  return { code: last.code, message: last.failure };
}

test("each message is an array of its own with frames of its own", () => {
  const recorder = readyRecorder({}, "PUSH");
  recorder.session.feed(concat([LIBZMQ.messageShort, LIBZMQ.messageMultipart, LIBZMQ.messageMultipart]));
  const [first, second, third] = recorder.messages;
  assertEquals(first?.map(toText), ["hello"]);
  second!.length = 0;
  second!.push(text("changed by the user"));
  assertEquals(third?.map(toText), ["one", "", "three"]);
});

test("bodies are views of a chunk that holds them whole", () => {
  const recorder = readyRecorder({}, "PUSH");
  const chunk = concat([LIBZMQ.messageShort, LIBZMQ.messageMultipart]);
  recorder.session.feed(chunk);
  const frames = recorder.messages.flat();
  for (const frame of frames) if (frame.length > 0) assertStrictEquals(frame.buffer, chunk.buffer);
  assertEquals(frames.filter(({ length }) => length === 0).length, 1);
});

test("an empty chunk has no effect in any state of a session", () => {
  const recorder = new SessionRecorder({});
  recorder.session.start(0);
  for (const byte of concat([peerHandshake("PUSH"), LIBZMQ.messageMultipart])) {
    recorder.session.feed(new Uint8Array(0));
    recorder.session.feed(Uint8Array.of(byte));
  }
  recorder.session.feed(new Uint8Array(0));
  assertEquals(recorder.events, [{ ready: "PUSH", identity: "", minor: 1 }, { message: ["one", "", "three"] }]);
});

test("reserved flags end the session", () => {
  for (const flags of ["08", "10", "20", "40", "80", "0c", "ff"]) {
    assertStringIncludes(failure(hex(`${flags} 00 00000000000000`)).message, "reserved flags");
  }
});

test("MORE of a command, and a command with an empty name, are ignored, also amid a message", () => {
  for (const frame of ["05 05 04504f4e47", "05 05 0457484154", "04 01 00", "05 02 0041"]) {
    const recorder = readyRecorder({}, "PUSH");
    recorder.session.feed(concat([hex(`01 01 61 ${frame} 00 01 62 ${frame}`), LIBZMQ.messageShort]));
    assertEquals(recorder.events, [{ message: ["a", "b"] }, { message: ["hello"] }], frame);
  }
});

test("malformed commands end the session", () => {
  const cases: [frame: Uint8Array, part: string][] = [
    [hex("0400"), "command without a name"],
    [hex("0404 0450494e"), "command without a name"],
    [hex("0405 0450494e47"), "PING without a time to live"],
    [hex("0406 0450494e47 00"), "PING without a time to live"],
    [hex("0406 054552524f52"), "malformed ERROR"],
    [hex("0408 054552524f52 0361"), "malformed ERROR"],
  ];
  for (const [frame, part] of cases) {
    const { code, message } = failure(frame);
    assertEquals(code, "EPROTO");
    assertStringIncludes(message, part);
  }
});

test("garbage ends the session, once, and all later bytes are ignored", () => {
  const recorder = readyRecorder({}, "PUSH");
  const garbage = text("GET / HTTP/1.1\r\n\r\n");
  assertEquals(recorder.session.feed(concat([LIBZMQ.messageShort, garbage, LIBZMQ.messageShort])), true);
  assertEquals(recorder.session.feed(concat([LIBZMQ.messageShort, LIBZMQ.ping, garbage])), true);
  assertEquals(recorder.session.resume(), true);
  recorder.session.onTime(Number.MAX_SAFE_INTEGER);
  assertEquals(recorder.events.map((event) => Object.keys(event)[0]), ["message", "failure"]);
  assertEquals([recorder.sentHex, recorder.session.ready], ["", false]);
});

test("a message that is not complete when the session ends is never delivered", () => {
  const recorder = readyRecorder({}, "PUSH");
  recorder.session.feed(LIBZMQ.messageMultipart.slice(0, 7));
  recorder.session.end();
  recorder.session.feed(LIBZMQ.messageMultipart.slice(7));
  assertEquals(recorder.events, []);
});

test("a handler that throws ends its session only, with the cause kept", () => {
  const recorder = readyRecorder({}, "PUSH");
  const cause = new Error("on purpose");
  recorder.goOn = () => {
    throw cause;
  };
  recorder.session.feed(concat([LIBZMQ.messageShort, LIBZMQ.messageShort]));
  assertEquals(recorder.messages.length, 1);
  assertEquals(recorder.error?.code, "EPROTO");
  assertStrictEquals(recorder.error?.cause, cause);
});

type Item = { frames: string[] } | { topic: string; cancel: boolean } | { context: string } | { unknown: string };

const word = fc.string({ maxLength: 12, unit: "binary-ascii" });
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ frames: fc.array(fc.oneof(word, fc.constant("x".repeat(300))), { minLength: 1, maxLength: 4 }) }),
  fc.record({ topic: word, cancel: fc.boolean() }),
  fc.record({ context: word }),
  fc.record({ unknown: word }),
);

function encodeItem(item: Item): Uint8Array {
  if ("frames" in item) {
    const last = item.frames.length - 1;
    return concat(item.frames.map((frame, i) => encodeFrame(i === last ? 0 : MORE, text(frame))));
  }
  if ("topic" in item) return encodeSubscription(item.cancel, text(item.topic), 1);
  if ("context" in item) return encodeCommand("PING", concat([hex("0001"), text(item.context)]));
  return encodeCommand("UNHEARD-OF", text(item.unknown));
}

function eventOf(item: Item): RecordedEvent[] {
  if ("frames" in item) return [{ message: item.frames.map((frame) => frame.length > 32 ? "300 × 120" : frame) }];
  if ("topic" in item) return [item.cancel ? { cancel: item.topic } : { subscribe: item.topic }];
  return [];
}

test("property: any mix of messages and commands comes out as it went in, at random splits", () => {
  fc.assert(fc.property(fc.array(item), fc.array(fc.nat(5000)), (items, cuts) => {
    const recorder = readyRecorder({ socketType: "XPUB" }, "XSUB");
    feedSplit(recorder.session, concat(items.map(encodeItem)), cuts);
    assertEquals(recorder.events, items.flatMap(eventOf));
    const pongs = items.flatMap((item) => "context" in item ? [encodeCommand("PONG", text(item.context))] : []);
    assertEquals(recorder.sentHex, toHex(concat(pongs)));
  }));
});

test("property: random bytes never throw, and fail at most once with a ZmqError", () => {
  const byte = fc.oneof(fc.nat(255), fc.nat(7), fc.constant(0));
  const handshakes = [new Uint8Array(0), LIBZMQ.greeting, peerHandshake("PUSH")];
  fc.assert(
    fc.property(fc.constantFrom(...handshakes), fc.array(byte, { maxLength: 200 }), (start, list) => {
      const recorder = new SessionRecorder({});
      recorder.session.start(0);
      recorder.session.feed(start.slice());
      for (let at = 0; at < list.length; at += 40) recorder.session.feed(Uint8Array.from(list.slice(at, at + 40)));
      const failures = recorder.events.filter((event) => "failure" in event);
      assertEquals(failures.length, recorder.error instanceof ZmqError ? 1 : 0);
      if (failures.length > 0) assertStrictEquals(recorder.events.at(-1), failures[0]);
    }),
    { numRuns: 500 },
  );
});

test("property: a valid stream with one byte changed never throws and fails at most once", () => {
  const stream = concat([
    peerHandshake("XSUB"),
    LIBZMQ.messageMultipart,
    LIBZMQ.subscribe,
    LIBZMQ.ping,
    LIBZMQ.message256,
    encodeFrame(COMMAND, hex("06465554555245")),
  ]);
  fc.assert(
    fc.property(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 255 }), fc.array(fc.nat(600)), (at, by, cuts) => {
      const changed = stream.slice();
      changed[at] = changed[at]! ^ by;
      const recorder = new SessionRecorder({ socketType: "XPUB" });
      recorder.session.start(0);
      feedSplit(recorder.session, changed, cuts);
      const whole = new SessionRecorder({ socketType: "XPUB" });
      whole.session.start(0);
      whole.session.feed(changed);
      assertEquals(recorder.events, whole.events);
      assertEquals(recorder.events.filter((event) => "failure" in event).length, recorder.error === undefined ? 0 : 1);
    }),
    { numRuns: 300 },
  );
});
