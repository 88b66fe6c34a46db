/**
 * Sessions with peers of ZMTP 2.0 and 1.0, in both directions and at any split: the bytes equal those of libzmq 4.3.5,
 * limits apply, and there are neither commands nor heartbeats.
 *
 * @module
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import type { Message } from "../../src/base/message.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { encodeFrame, MORE } from "../../src/zmtp/frame.ts";
import { encodeFrameV1 } from "../../src/zmtp/frame_v1.ts";
import type { Limits } from "../../src/zmtp/limits.ts";
import { encodePing } from "../../src/zmtp/ping.ts";
import { bytesAllocated } from "../support/allocations.ts";
import { checkBy } from "../security/curve_rig.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import {
  recorded,
  type RecordedEvent,
  type RecorderOptions,
  replay,
  SessionRecorder,
} from "../support/session_recorder.ts";
import { DERIVED, FROM_OLDER, LIBZMQ, TO_OLDER } from "./vectors.ts";

const text = (value: string) => new TextEncoder().encode(value);
const hexOf = (...parts: Uint8Array[]) => toHex(concat(parts));
const ready = (peer: string, identity = ""): RecordedEvent => ({ ready: peer, identity, minor: 0 });

/** The ways in which an older peer may begin, by name: bytes for a peer whose type number is that, and its frames. */
const OLDER: [name: string, begin: (type: number) => Uint8Array, frame: typeof encodeFrame][] = [
  ["2.0", (type) => concat([FROM_OLDER.signature, Uint8Array.of(1, type, 0, 0)]), encodeFrame],
  ["1.0 with a version", (type) => concat([FROM_OLDER.signature, Uint8Array.of(0, type, 1, 0)]), encodeFrameV1],
  ["1.0", () => FROM_OLDER.greeting10, encodeFrameV1],
  ["1.0 of libzmq 2.x", () => FROM_OLDER.greeting10Libzmq2, encodeFrameV1],
];
const PUSH = 8;

test("a ZMTP 2.0 peer gets the bytes that libzmq sends, and is known by its own", () => {
  const pull = replay({ socketType: "PUSH" }, FROM_OLDER.greetingPull20);
  assertEquals(pull.events, [ready("PULL")]);
  assertEquals(pull.sentHex, hexOf(LIBZMQ.signature, TO_OLDER.version, TO_OLDER.typePush, TO_OLDER.noIdentity20));
  for (const greeting of [FROM_OLDER.greetingDealer20, FROM_OLDER.greetingDealer20Long]) {
    const dealer = replay({ socketType: "DEALER", identity: text("client-1") }, greeting);
    assertEquals(dealer.events, [ready("DEALER", "peer")]);
    const signature = LIBZMQ.greetingWithIdentity.subarray(0, 10);
    assertEquals(dealer.sentHex, hexOf(signature, TO_OLDER.version, TO_OLDER.typeDealer, TO_OLDER.identity20));
    const { version, minor, metadata } = dealer.peer!;
    assertEquals([version, minor, metadata.size], ["2.0", 0, 0]);
  }
});

test("a ZMTP 1.0 peer gets the bytes that libzmq sends, and is known by its own", () => {
  const signature = LIBZMQ.greetingWithIdentity.subarray(0, 10);
  for (const greeting of [FROM_OLDER.identity10, FROM_OLDER.identity10Libzmq2, FROM_OLDER.identity10Long]) {
    const { events, sentHex, peer } = replay({ socketType: "DEALER", identity: text("client-1") }, greeting);
    assertEquals(events, [ready("", "peer")]);
    assertEquals(sentHex, hexOf(signature, TO_OLDER.identityRest));
    assertEquals([peer!.version, peer!.minor], ["1.0", 0]);
  }
  const nameless = replay({ socketType: "DEALER" }, FROM_OLDER.greeting10);
  assertEquals([nameless.events, nameless.sentHex], [[ready("")], toHex(LIBZMQ.signature)]);
  const versioned = replay({ socketType: "DEALER", identity: text("client-1") }, FROM_OLDER.greetingDealerVersion0);
  assertEquals(versioned.events, [ready("DEALER", "peer")]);
  assertEquals(versioned.sentHex, hexOf(signature, TO_OLDER.version, TO_OLDER.typeDealer, TO_OLDER.identity10));
  assertEquals(versioned.peer!.version, "1.0");
});

test("ZMTP 3 peers report their versions too", () => {
  const versionOf = (greeting: Uint8Array) =>
    recorded({ socketType: "PULL" }, greeting, LIBZMQ.readyPush).peer?.version;
  assertEquals(versionOf(DERIVED.greeting30), "3.0");
  assertEquals(versionOf(LIBZMQ.greeting), "3.1");
  assertEquals(versionOf(DERIVED.greetingFuture), "3.1");
});

test("traffic of older peers is understood at any split", () => {
  const events: RecordedEvent[] = [{ message: ["hello"] }, { message: [""] }, { message: ["one", "", "three"] }];
  const long: RecordedEvent[] = [253, 254, 255, 256].map((length) => ({ message: [`${length} × 97`] }));
  const two = replay(
    {},
    concat([
      FROM_OLDER.signature,
      hex("01 08 0000"),
      TO_OLDER.short20,
      TO_OLDER.empty20,
      TO_OLDER.multipart20,
      TO_OLDER.message253as20,
      TO_OLDER.message254as20,
      TO_OLDER.message255as20,
      TO_OLDER.message256as20,
      DERIVED.messageNeedlesslyLong,
    ]),
  );
  assertEquals(two.events, [ready("PUSH"), ...events, ...long, { message: ["hi"] }]);
  const one = replay(
    {},
    concat([
      FROM_OLDER.greeting10,
      TO_OLDER.short10,
      TO_OLDER.empty10,
      TO_OLDER.multipart10,
      TO_OLDER.message253as10,
      TO_OLDER.message254as10,
      TO_OLDER.message255as10,
      TO_OLDER.message256as10,
      FROM_OLDER.needlesslyLong10,
      FROM_OLDER.shortLibzmq2,
      FROM_OLDER.multipartLibzmq2,
    ]),
  );
  assertEquals(one.events, [ready(""), ...events, ...long, { message: ["hi"] }, events[0]!, events[2]!]);
});

test("traffic to older peers has the bytes of libzmq's", () => {
  const body = (length: number) => new Uint8Array(length).fill(0x61);
  const messages: [message: Message, as20: Uint8Array, as10: Uint8Array][] = [
    [[text("hello")], TO_OLDER.short20, TO_OLDER.short10],
    [[text("")], TO_OLDER.empty20, TO_OLDER.empty10],
    [["one", "", "three"].map(text), TO_OLDER.multipart20, TO_OLDER.multipart10],
    [[body(253)], TO_OLDER.message253as20, TO_OLDER.message253as10],
    [[body(254)], TO_OLDER.message254as20, TO_OLDER.message254as10],
    [[body(255)], TO_OLDER.message255as20, TO_OLDER.message255as10],
    [[body(256)], TO_OLDER.message256as20, TO_OLDER.message256as10],
  ];
  const options: RecorderOptions = { socketType: "DEALER" };
  const two = recorded(options, FROM_OLDER.greetingDealer20);
  const one = [FROM_OLDER.identity10, FROM_OLDER.identity10Long, FROM_OLDER.greetingDealerVersion0]
    .map((greeting) => recorded(options, greeting));
  for (const [message, as20, as10] of messages) {
    assertEquals(two.encodeHex(message), toHex(as20));
    for (const recorder of one) assertEquals(recorder.encodeHex(message), toHex(as10));
  }
  assertEquals(two.encodeHex(...messages.map(([message]) => message)), hexOf(...messages.map(([, as20]) => as20)));
  for (const recorder of one) {
    assertEquals(recorder.encodeHex(...messages.map(([message]) => message)), hexOf(...messages.map(([, , as]) => as)));
  }
});

test("subscriptions go to older peers as messages, with the bytes of libzmq's", () => {
  const topics: [cancel: boolean, topic: string][] = [[false, "weather."], [true, "weather."], [false, ""]];
  const told = (recorder: SessionRecorder) =>
    topics.map(([cancel, topic]) => recorder.encodeSubscriptionHex(cancel, text(topic))).join("");
  const sub: RecorderOptions = { socketType: "SUB" };
  const two = recorded(sub, FROM_OLDER.signature, hex("01 01 0000"));
  assertEquals([two.events, told(two)], [[ready("PUB")], toHex(TO_OLDER.subscriptions20)]);
  const one = recorded(sub, FROM_OLDER.greeting10);
  assertEquals([one.events, told(one)], [[ready("")], toHex(TO_OLDER.subscriptions10)]);
  const long = new Uint8Array(254).fill(0x74);
  assertEquals(one.encodeSubscriptionHex(false, long), toHex(TO_OLDER.subscribeLong10));
  // In libzmq a message of 256 bytes that is a subscription lacks the LONG flag.
  const longest = new Uint8Array(255).fill(0x74);
  assertEquals(two.encodeSubscriptionHex(false, longest), `020000000000000100${"01"}${"74".repeat(255)}`);
  const three = recorded(sub, DERIVED.greeting30, LIBZMQ.readyPub);
  assertEquals(told(three), toHex(TO_OLDER.subscriptions20));
  const newest = recorded(sub, LIBZMQ.greeting, LIBZMQ.readyPub);
  assertEquals(told(newest), hexOf(LIBZMQ.subscribe, LIBZMQ.cancel, LIBZMQ.subscribeAll));
});

test("an older peer is rejected without a reason: it has no commands", () => {
  const refusal = (...bytes: Uint8Array[]) =>
    recorded({ socketType: "DEALER" }, ...bytes).session.refusal(new Error("no"));
  assertEquals([refusal(FROM_OLDER.greetingDealer20), refusal(FROM_OLDER.identity10)], [undefined, undefined]);
  assertEquals(toHex(refusal(LIBZMQ.greeting, LIBZMQ.readyDealer)!), "0409054552524f52026e6f");
});

test("a publisher treats a ZMTP 1.0 peer as a subscriber to everything, and no other peer", () => {
  for (const socketType of ["PUB", "XPUB"] as const) {
    for (const greeting of [FROM_OLDER.greeting10, FROM_OLDER.identity10Long]) {
      const { events } = replay({ socketType }, concat([greeting, TO_OLDER.short10]));
      assertEquals(events.slice(1), [{ subscribe: "" }, { message: ["hello"] }]);
    }
    for (const greeting of ["01 02 0000", "00 02 0100"]) {
      const { events } = replay({ socketType }, concat([FROM_OLDER.signature, hex(greeting)]));
      assertEquals(events, [ready("SUB")]);
    }
  }
  for (const socketType of ["SUB", "XSUB", "PULL", "PUSH", "DEALER", "ROUTER", "REQ", "REP", "PAIR"] as const) {
    assertEquals(replay({ socketType }, FROM_OLDER.greeting10).events, [ready("")]);
  }
});

test("the assumed subscription stops the session like any other, and does not come where the peer was refused", () => {
  const recorder = new SessionRecorder({ socketType: "XPUB" });
  recorder.goOn = () => false;
  recorder.session.start(0);
  assertEquals(recorder.session.feed(concat([FROM_OLDER.greeting10, TO_OLDER.short10])), false);
  assertEquals(recorder.events, [ready(""), { subscribe: "" }]);
  assertEquals(recorder.session.resume(), false);
  assertEquals(recorder.events.slice(2), [{ message: ["hello"] }]);
  const refused = new SessionRecorder({ socketType: "PUB" });
  refused.onReady = () => refused.session.end();
  refused.session.start(0);
  refused.session.feed(concat([FROM_OLDER.greeting10, TO_OLDER.short10]));
  assertEquals(refused.events, []);
});

test("a session with an older peer can be stopped as soon as it is ready", () => {
  for (const [name, begin, frame] of OLDER) {
    const recorder = new SessionRecorder({});
    const { onReady } = recorder;
    recorder.onReady = (peer) => {
      onReady.call(recorder, peer);
      recorder.session.stop();
    };
    recorder.session.start(0);
    assertEquals(recorder.session.feed(concat([begin(PUSH), frame(0, text("a"))])), false, name);
    assertEquals(recorder.messages.length, 0);
    assertEquals(recorder.session.resume(), true);
    assertEquals(recorder.events.slice(1), [{ message: ["a"] }]);
  }
});

test("older peers have no heartbeats: no PING is sent, and silence never times out", () => {
  for (const [name, begin] of OLDER) {
    const recorder = recorded({ heartbeat: { interval: 10, timeout: 20, timeToLive: 1000 } }, begin(PUSH));
    const { sentHex, session } = recorder;
    assertEquals(session.nextDeadline, Infinity, name);
    for (const time of [10, 30, 100_000]) session.onTime(recorder.time = time);
    assertEquals([recorder.sentHex, session.ready, recorder.error], [sentHex, true, undefined]);
  }
});

test("older peers have no commands: in 2.0 their flag is a reserved one, in 1.0 they are frames like any other", () => {
  const start = concat([FROM_OLDER.signature, hex("01 08 0000")]);
  for (const command of [LIBZMQ.ping, LIBZMQ.pong, LIBZMQ.subscribe, LIBZMQ.readyPush, DERIVED.pingLongFrame]) {
    const { events, sentHex } = replay({}, concat([start, command]));
    const flags = command[0]!.toString(16);
    assertEquals(events.slice(1), [{
      failure: `The peer sent a frame with reserved flags (0x${flags})`,
      code: "EPROTO",
    }]);
    assertEquals(sentHex, hexOf(LIBZMQ.signature, TO_OLDER.version, hex("07"), TO_OLDER.noIdentity20));
  }
  // 4 bytes, flags 7: reserved, and not as libzmq 2.x has them.
  const ping = replay({}, concat([FROM_OLDER.greeting10, encodePing(0, new Uint8Array(0))]));
  assertEquals(ping.error?.code, "EPROTO");
});

test("the handshake with a silent older peer ends at its deadline, wherever it stopped", () => {
  const beginnings = [
    FROM_OLDER.greetingDealer20,
    FROM_OLDER.greetingDealer20Long,
    FROM_OLDER.greetingDealerVersion0,
    FROM_OLDER.identity10,
    FROM_OLDER.identity10Long,
  ];
  for (const bytes of beginnings) {
    for (let length = 1; length < bytes.length; length++) {
      const recorder = new SessionRecorder({ socketType: "DEALER", limits: { handshakeInterval: 500 } });
      recorder.session.start(0);
      recorder.session.feed(bytes.slice(0, length));
      assertEquals(recorder.session.nextDeadline, 500);
      recorder.session.onTime(500);
      assertEquals(recorder.events, [{ failure: "The handshake took longer than 500 ms", code: "ETIMEDOUT" }]);
    }
    assertEquals(recorded({ socketType: "DEALER" }, bytes).session.nextDeadline, Infinity);
  }
});

test("a mechanism that does not accept older peers ends the session without a reason", () => {
  const admitted = { status: 200, text: "", userId: "", metadata: new Map() } as const;
  const mechanism = () => new NullMechanism(new Uint8Array(0), checkBy(() => admitted));
  for (const [name, begin] of OLDER) {
    const recorder = recorded({ mechanism: mechanism() }, begin(PUSH));
    assertEquals(recorder.events.length, 1, name);
    assertStringIncludes(recorder.error!.message, "too old for the security of this socket");
  }
  const newer = recorded({ mechanism: mechanism() }, LIBZMQ.greeting, LIBZMQ.readyPush);
  assertEquals(newer.session.ready, true);
});

/** The code of the failure that these frames end in, or how many messages came of them. */
function outcome(older: typeof OLDER[number], limits: Partial<Limits>, ...frames: Uint8Array[]): string | number {
  const [, begin] = older;
  const { events, messages, error } = replay({ limits }, concat([begin(PUSH), ...frames]));
  if (error === undefined) return messages.length;
  assertEquals(events.filter((event) => "failure" in event).length, 1);
  return error.code;
}

test("the limits of frames and messages hold for older peers, as soon as a length is known", () => {
  for (const older of OLDER) {
    const [, , encode] = older;
    const frame = (length: number, more = false) => encode(more ? MORE : 0, new Uint8Array(length).fill(0x61));
    const header = (length: number, more = false) => frame(length, more).slice(0, -length);
    for (const maxFrameSize of [1, 253, 254, 255, 256, 1000]) {
      assertEquals(outcome(older, { maxFrameSize }, frame(maxFrameSize)), 1);
      assertEquals(outcome(older, { maxFrameSize }, header(maxFrameSize + 1)), "EMSGSIZE");
      assertEquals(outcome(older, { maxFrameSize }, header(maxFrameSize + 1, true)), "EMSGSIZE");
    }
    const whole = (frames: number) => concat([...Array.from({ length: frames - 1 }, () => frame(1, true)), frame(1)]);
    assertEquals(outcome(older, { maxFrames: 3 }, whole(3), whole(3)), 2);
    assertEquals(outcome(older, { maxFrames: 3 }, whole(4)), "EMSGSIZE");
    const limits = { maxMessageSize: 300 };
    assertEquals(outcome(older, limits, frame(100, true), frame(200), frame(300)), 2);
    assertEquals(outcome(older, limits, frame(100, true), frame(100, true), header(101)), "EMSGSIZE");
    // The limit of the handshake is not that of a message.
    assertEquals(outcome(older, { maxHandshakeSize: 10, maxTopicSize: 10 }, frame(1000)), 1);
  }
});

test("invalid frames of older peers end the session, without memory for the announced length", () => {
  const cases: [older: number, bytes: string, code: string][] = [
    [0, "08 00", "EPROTO"],
    [0, "02 0020000000000001", "EMSGSIZE"],
    [0, "02 8000000000000000", "EMSGSIZE"],
    [0, "03 ffffffffffffffff", "EMSGSIZE"],
    ...[1, 2, 3].flatMap((older): [number, string, string][] => [
      [older, "00", "EPROTO"],
      [older, "01 02", "EPROTO"],
      [older, "01 80", "EPROTO"],
      [older, "ff 0000000000000000 00", "EPROTO"],
      [older, "ff 0020000000000001 00", "EMSGSIZE"],
      [older, "ff 8000000000000000 00", "EMSGSIZE"],
      [older, "ff ffffffffffffffff 01", "EMSGSIZE"],
    ]),
  ];
  for (const [older, bytes, code] of cases) {
    const [, begin] = OLDER[older]!;
    const limits = { maxFrameSize: Number.MAX_SAFE_INTEGER, maxMessageSize: Number.MAX_SAFE_INTEGER };
    const recorder = recorded({ limits }, begin(PUSH));
    const chunk = hex(bytes);
    assertLess(bytesAllocated(() => recorder.session.feed(chunk)), 1000);
    assertEquals(recorder.error?.code, code, bytes);
    assertEquals(outcome(OLDER[older]!, limits, chunk), code);
  }
});
