/**
 * Heartbeats of a session, by its clock alone: nothing here waits.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { encodeFrame } from "../../src/zmtp/frame.ts";
import { Heartbeat, type HeartbeatAction, type Output } from "../../src/zmtp/heartbeat.ts";
import { encodePing, encodePong } from "../../src/zmtp/ping.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { peerHandshake, recorded, type SessionRecorder } from "../support/session_recorder.ts";

const MESSAGE = encodeFrame(0, new Uint8Array(1));
const NOTHING = new Uint8Array(0);

/** A session in traffic from time 0 on, whose greeting and READY are not in `sent`. */
function inTraffic(interval: number, timeout: number, timeToLive = 0): SessionRecorder {
  const recorder = recorded(
    { socketType: "PULL", heartbeat: { interval, timeout, timeToLive } },
    peerHandshake("PUSH"),
  );
  recorder.sent.length = 0;
  return recorder;
}

/** Advances the time, and returns the output. */
function at(recorder: SessionRecorder, time: number): string {
  recorder.time = time;
  recorder.sent.length = 0;
  recorder.session.onTime(time);
  return recorder.sentHex;
}

test("without an interval there is no PING and no deadline", () => {
  assertEquals(inTraffic(0, 0).session.nextDeadline, Infinity);
});

test("a PING is sent every interval, with the time to live in tenths of a second", () => {
  const recorder = inTraffic(100, 1000, 3000);
  assertEquals(recorder.session.nextDeadline, 100);
  assertEquals(at(recorder, 99), "");
  for (const time of [100, 200, 300]) {
    assertEquals(at(recorder, time), "0407" + "0450494e47" + "001e");
    assertEquals(recorder.session.nextDeadline, time + 100);
  }
});

test("a peer that sends nothing after a PING times out, once", () => {
  const recorder = inTraffic(100, 250);
  for (const time of [100, 200, 300]) assertEquals(at(recorder, time), toHex(encodePing(0, NOTHING)));
  assertEquals(recorder.session.nextDeadline, 350);
  assertEquals(at(recorder, 350), "");
  assertEquals(recorder.error?.code, "ETIMEDOUT");
  assertEquals([recorder.session.nextDeadline, at(recorder, 10_000)], [Infinity, ""]);
  assertEquals(recorder.events.filter((event) => "failure" in event).length, 1);
});

test("any traffic is a sign of life: a PONG, a message, a part of one", () => {
  for (const sign of [encodePong(NOTHING), MESSAGE, MESSAGE.subarray(0, 1)]) {
    const recorder = inTraffic(100, 250);
    at(recorder, 100);
    recorder.session.feed(sign.slice());
    for (const time of [200, 300, 350, 400]) at(recorder, time);
    assertEquals(recorder.error, undefined);
    // The PING at 200 was the first without an answer.
    at(recorder, 450);
    assertEquals(recorder.error?.code, "ETIMEDOUT");
  }
});

test("while this side does not read, the peer's silence does not count", () => {
  const recorder = inTraffic(100, 250);
  recorder.goOn = () => false;
  recorder.session.feed(MESSAGE.slice());
  for (let time = 100; time < 2000; time += 50) at(recorder, time);
  assertEquals(recorder.error, undefined);
});

test("the time to live of the peer's PING is kept, until it says something else", () => {
  const recorder = inTraffic(0, 0);
  recorder.time = 1000;
  recorder.session.feed(encodePing(500, NOTHING));
  assertEquals(recorder.session.nextDeadline, 1500);
  recorder.session.feed(MESSAGE.slice());
  at(recorder, 1500);
  assertEquals([recorder.error, recorder.session.nextDeadline], [undefined, Infinity]);
  recorder.session.feed(encodePing(500, NOTHING));
  assertEquals(recorder.session.nextDeadline, 2000);
  at(recorder, 2000);
  assertEquals(recorder.error?.code, "ETIMEDOUT");
});

test("a time to live of 6553.5 seconds does not overflow", () => {
  const recorder = inTraffic(0, 0);
  recorder.session.feed(encodePing(6_553_599, NOTHING));
  assertEquals(recorder.session.nextDeadline, 6_553_500);
});

/** Reports the time and the state of the bytes to send, and returns the output. */
function write(recorder: SessionRecorder, time: number, output: Output): string {
  recorder.time = time;
  recorder.sent.length = 0;
  recorder.session.onTime(time, output);
  return recorder.sentHex;
}

test("while a write makes progress, a peer that cannot answer yet does not time out; the timeout restarts with each progress", () => {
  const recorder = inTraffic(100, 250);
  assertEquals(write(recorder, 100, "stuck"), toHex(encodePing(0, NOTHING)));
  for (let time = 200; time <= 2000; time += 100) {
    assertEquals(write(recorder, time, "moving"), "", "one PING behind a large message is enough");
  }
  // The PING is with the operating system at last. From here on the peer has the whole timeout.
  assertEquals(write(recorder, 2100, "free"), toHex(encodePing(0, NOTHING)));
  assertEquals(write(recorder, 2249, "free"), toHex(encodePing(0, NOTHING)));
  assertEquals(recorder.error, undefined);
  write(recorder, 2250, "free");
  assertEquals(recorder.error?.code, "ETIMEDOUT");
});

test("a stuck write does not count as a sign of life, nor do bytes that the operating system accepts immediately", () => {
  for (const output of ["stuck", "free"] as const) {
    const recorder = inTraffic(100, 250);
    for (const time of [100, 200, 300]) write(recorder, time, output);
    assertEquals(recorder.error, undefined);
    write(recorder, 350, output);
    assertEquals(recorder.error?.code, "ETIMEDOUT", output);
  }
});

test("a write that moves keeps the peer's time to live from running out as well", () => {
  const recorder = inTraffic(0, 0);
  recorder.session.feed(encodePing(300, NOTHING));
  for (const time of [300, 600, 900]) write(recorder, time, "moving");
  assertEquals([recorder.error, recorder.session.nextDeadline], [undefined, 1200]);
  write(recorder, 1200, "stuck");
  assertEquals(recorder.error?.code, "ETIMEDOUT");
});

const INTERVAL = 100;
const TIMEOUT = 1000;
const LIMIT = 400;

/** Heartbeats of which any number of ms have passed. */
class Rig {
  readonly heartbeat = new Heartbeat({ interval: INTERVAL, timeout: TIMEOUT, timeToLive: 0 });
  now = 0;
  last: HeartbeatAction = "none";

  constructor() {
    this.heartbeat.start(0);
  }

  pass(ms: number, output: Output = "free"): HeartbeatAction {
    this.now += ms;
    this.last = this.heartbeat.onTime(this.now, output);
    return this.last;
  }

  limited(): void {
    this.heartbeat.pinged(LIMIT, this.now);
  }
}

walkStates<Rig>("heartbeat", {
  path: "zmtp/heartbeat.ts",
  make: () => new Rig(),
  reach: {
    QUIET: () => {},
    PINGED: (rig) => rig.pass(INTERVAL),
    LIMITED: (rig) => rig.limited(),
    BOTH(rig) {
      rig.limited();
      rig.pass(INTERVAL);
    },
    OVER(rig) {
      rig.pass(INTERVAL);
      rig.pass(TIMEOUT);
    },
  },
  happen: {
    interval: (rig) => assertEquals(rig.pass(INTERVAL), "ping"),
    bytes(rig) {
      rig.heartbeat.heard();
      assertEquals(rig.pass(1), "none");
    },
    PING: ({ heartbeat, now }) => heartbeat.pinged(0, now),
    "PING, limited": (rig) => rig.limited(),
    "bytes taken": (rig) => assertEquals(rig.pass(INTERVAL - 1, "moving"), "none"),
    timeout(rig, from) {
      requireCause(rig.heartbeat.nextDeadline < Infinity && from !== "QUIET" && from !== "LIMITED");
      assertEquals(rig.pass(TIMEOUT), "timeout");
    },
    "end of a limit"(rig, from) {
      requireCause(from !== "QUIET" && from !== "PINGED");
      assertEquals(rig.pass(LIMIT), "expired");
    },
  },
  stateOf(rig) {
    if (rig.last === "timeout" || rig.last === "expired") return "OVER";
    // While bytes wait no PING follows another one.
    const soon = rig.pass(LIMIT, "stuck");
    if (soon === "ping") return "QUIET";
    if (soon === "none") return "PINGED";
    return rig.pass(TIMEOUT, "stuck") === "timeout" ? "BOTH" : "LIMITED";
  },
});
