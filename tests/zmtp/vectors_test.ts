/**
 * Golden vectors in both directions: bytes of libzmq are understood at any split, and ours are the same.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import type { Message } from "../../src/base/message.ts";
import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { encodeCommand, encodeErrorReason } from "../../src/zmtp/command.ts";
import { encodeGreeting } from "../../src/zmtp/greeting.ts";
import { encodePing, encodePong } from "../../src/zmtp/ping.ts";
import { encodeSubscription } from "../../src/zmtp/subscription.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { peerHandshake, readyFrame, type RecordedEvent, replay } from "../support/session_recorder.ts";
import { DERIVED, LIBZMQ } from "./vectors.ts";
import { ownMetadata, type SocketType } from "../support/socket_types.ts";

const NONE = new Uint8Array(0);
const text = (value: string) => new TextEncoder().encode(value);

/** READY of each type, and a type of ours that may talk to it. */
const READY: [theirs: SocketType, ready: Uint8Array, ours: SocketType][] = [
  ["REQ", LIBZMQ.readyReq, "ROUTER"],
  ["REP", LIBZMQ.readyRep, "REQ"],
  ["DEALER", LIBZMQ.readyDealer, "REP"],
  ["ROUTER", LIBZMQ.readyRouter, "DEALER"],
  ["PUB", LIBZMQ.readyPub, "SUB"],
  ["SUB", LIBZMQ.readySub, "PUB"],
  ["XPUB", LIBZMQ.readyXpub, "XSUB"],
  ["XSUB", LIBZMQ.readyXsub, "XPUB"],
  ["PUSH", LIBZMQ.readyPush, "PULL"],
  ["PULL", LIBZMQ.readyPull, "PUSH"],
  ["PAIR", LIBZMQ.readyPair, "PAIR"],
];

test("the handshake of every libzmq socket type is understood at any split", () => {
  for (const [theirs, ready, ours] of READY) {
    const { events } = replay({ socketType: ours }, concat([LIBZMQ.greeting, ready]));
    assertEquals(events, [{ ready: theirs, identity: "", minor: 1 }]);
  }
});

test("our greeting and READY have the bytes of libzmq's, for every socket type", () => {
  assertEquals(toHex(encodeGreeting("NULL", false)), toHex(LIBZMQ.greeting));
  for (const [type, ready, partner] of READY) {
    assertEquals(toHex(readyFrame(ownMetadata(type, NONE))), toHex(ready));
    const { sentHex } = replay({ socketType: type }, concat([LIBZMQ.greeting, readyFrame(ownMetadata(partner, NONE))]));
    assertEquals(sentHex, toHex(LIBZMQ.greeting) + toHex(ready));
  }
});

test("a libzmq peer with a routing id is known by it, and ours is sent in the same bytes", () => {
  const { events } = replay(
    { socketType: "ROUTER" },
    concat([LIBZMQ.greetingWithIdentity, LIBZMQ.readyDealerWithIdentity]),
  );
  assertEquals(events, [{ ready: "DEALER", identity: "client-1", minor: 1 }]);
  assertEquals(toHex(readyFrame(ownMetadata("DEALER", text("client-1")))), toHex(LIBZMQ.readyDealerWithIdentity));
});

test("traffic of libzmq is understood at any split", () => {
  const long = "t".repeat(300);
  const cases: [vector: Uint8Array, event: RecordedEvent][] = [
    [LIBZMQ.messageShort, { message: ["hello"] }],
    [LIBZMQ.messageEmpty, { message: [""] }],
    [LIBZMQ.message255, { message: ["255 × 97"] }],
    [LIBZMQ.message256, { message: ["256 × 98"] }],
    [LIBZMQ.messageMultipart, { message: ["one", "", "three"] }],
    [LIBZMQ.messageMultipartLong, { message: ["256 × 99", "d"] }],
    [LIBZMQ.request, { message: ["", "question"] }],
    [DERIVED.messageNeedlesslyLong, { message: ["hi"] }],
    [LIBZMQ.subscribe, { subscribe: "weather." }],
    [LIBZMQ.subscribeAll, { subscribe: "" }],
    [LIBZMQ.subscribeLong, { subscribe: `${long.length} × 116` }],
    [LIBZMQ.cancel, { cancel: "weather." }],
    [LIBZMQ.subscribeMessage, { message: ["\x01weather."] }],
    [LIBZMQ.subscribeAllMessage, { message: ["\x01"] }],
    [LIBZMQ.cancelMessage, { message: ["\x00weather."] }],
    [LIBZMQ.subscribeLongMessage, { message: ["301 × 1"] }],
  ];
  for (const [vector, event] of cases) {
    const { events } = replay({ socketType: "XPUB" }, concat([peerHandshake("XSUB"), vector]));
    assertEquals(events.slice(1), [event]);
  }
  const all = replay({ socketType: "XPUB" }, concat([peerHandshake("XSUB"), ...cases.map(([vector]) => vector)]));
  assertEquals(all.events.slice(1), cases.map(([, event]) => event));
});

test("traffic to libzmq has the bytes of libzmq's", () => {
  const messages: [parts: string[], vector: Uint8Array][] = [
    [["hello"], LIBZMQ.messageShort],
    [[""], LIBZMQ.messageEmpty],
    [["a".repeat(255)], LIBZMQ.message255],
    [["b".repeat(256)], LIBZMQ.message256],
    [["one", "", "three"], LIBZMQ.messageMultipart],
    [["c".repeat(256), "d"], LIBZMQ.messageMultipartLong],
    [["", "question"], LIBZMQ.request],
  ];
  for (const [parts, vector] of messages) {
    const message: Message = parts.map(text);
    const batch = new BatchEncoder(new SlabPool());
    batch.addMessage(message);
    assertEquals(toHex(concat(batch.complete())), toHex(vector));
  }
  const long = text("t".repeat(300));
  const subscriptions: [cancel: boolean, topic: Uint8Array, minor: number, vector: Uint8Array][] = [
    [false, text("weather."), 1, LIBZMQ.subscribe],
    [false, NONE, 1, LIBZMQ.subscribeAll],
    [true, text("weather."), 1, LIBZMQ.cancel],
    [false, long, 1, LIBZMQ.subscribeLong],
    [false, text("weather."), 0, LIBZMQ.subscribeMessage],
    [false, NONE, 0, LIBZMQ.subscribeAllMessage],
    [true, text("weather."), 0, LIBZMQ.cancelMessage],
    [false, long, 0, LIBZMQ.subscribeLongMessage],
  ];
  for (const [cancel, topic, minor, vector] of subscriptions) {
    assertEquals(toHex(encodeSubscription(cancel, topic, minor)), toHex(vector));
  }
  assertEquals(toHex(encodePing(1500, NONE)), toHex(LIBZMQ.ping));
  assertEquals(toHex(encodePing(1000, text("context"))), toHex(DERIVED.pingContext));
  assertEquals(toHex(encodePong(NONE)), toHex(LIBZMQ.pong));
  assertEquals(toHex(encodePong(text("context"))), toHex(LIBZMQ.pongContext));
  assertEquals(toHex(encodeCommand("ERROR", encodeErrorReason("400"))), toHex(LIBZMQ.error));
});

test("PINGs are answered as libzmq answers them, at any split", () => {
  const cases: [ping: Uint8Array, pong: Uint8Array][] = [
    [LIBZMQ.ping, LIBZMQ.pong],
    [DERIVED.pingLongFrame, LIBZMQ.pong],
    [DERIVED.pingContext, LIBZMQ.pongContext],
    [DERIVED.pingLongContext, DERIVED.pongLongContext],
  ];
  const start = toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyPull);
  for (const [ping, pong] of cases) {
    const { events, sentHex } = replay({}, concat([peerHandshake("PUSH"), ping]));
    assertEquals(events.length, 1);
    assertEquals(sentHex, start + toHex(pong));
  }
  const all = replay({}, concat([peerHandshake("PUSH"), ...cases.map(([ping]) => ping)]));
  assertEquals(all.sentHex, start + cases.map(([, pong]) => toHex(pong)).join(""));
});

test("PONG and unknown commands are ignored, even between the frames of a message", () => {
  const [first, rest] = [LIBZMQ.messageMultipart.slice(0, 5), LIBZMQ.messageMultipart.slice(5)];
  const silent = [LIBZMQ.pong, DERIVED.unknown, LIBZMQ.pongContext, LIBZMQ.readyPush];
  const { events, sentHex } = replay({}, concat([peerHandshake("PUSH"), ...silent, first, ...silent, rest]));
  assertEquals(events.slice(1), [{ message: ["one", "", "three"] }]);
  assertEquals(sentHex, toHex(LIBZMQ.greeting) + toHex(LIBZMQ.readyPull));
});

test("a PING between the frames of a message is answered and does not harm the message", () => {
  const [first, rest] = [LIBZMQ.messageMultipart.slice(0, 5), LIBZMQ.messageMultipart.slice(5)];
  const { events, sentHex } = replay({}, concat([peerHandshake("PUSH"), first, LIBZMQ.ping, rest]));
  assertEquals(events.slice(1), [{ message: ["one", "", "three"] }]);
  assertEquals(sentHex.endsWith(toHex(LIBZMQ.pong)), true);
});

test("libzmq's ERROR ends the session, during the handshake and after it", () => {
  const during = replay({}, concat([LIBZMQ.greeting, LIBZMQ.error, LIBZMQ.messageShort]));
  assertEquals(during.events, [{ failure: "Access denied by the peer (ZAP 400)", code: "EACCES" }]);
  const after = replay({}, concat([peerHandshake("PUSH"), LIBZMQ.error, LIBZMQ.messageShort]));
  assertEquals(after.events.slice(1), [{ failure: "The peer reported an error: 400", code: "EPROTO" }]);
  const empty = replay({}, concat([peerHandshake("PUSH"), DERIVED.errorEmpty]));
  assertEquals(empty.events.slice(1), [{ failure: "The peer reported an error: ", code: "EPROTO" }]);
});

test("a ZMTP 3.0 peer is known as one, and later versions count as 3.1", () => {
  const minorOf = (greeting: Uint8Array) => {
    const { events } = replay({ socketType: "XPUB" }, concat([greeting, LIBZMQ.readyXsub]));
    return events.map((event) => "ready" in event ? event.minor : event);
  };
  assertEquals(minorOf(DERIVED.greeting30), [0]);
  assertEquals(minorOf(LIBZMQ.greeting), [1]);
  assertEquals(minorOf(DERIVED.greetingOddPadding), [1]);
  assertEquals(minorOf(DERIVED.greetingFuture), [1]);
});
