/**
 * The states of a session: every cell of the table in the header of `src/zmtp/session.ts`, and every order of three events
 * without a breach of the contract with its handler.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { readFile } from "node:fs/promises";
import { NullMechanism } from "../../src/security/null.ts";
import { encodeCommand, encodeErrorReason } from "../../src/zmtp/command.ts";
import { PlainClient } from "../../src/security/plain_client.ts";
import type { Mechanism, MechanismHost } from "../../src/zmtp/mechanism.ts";
import { parseMetadata } from "../../src/zmtp/metadata.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { readyFrame, SessionRecorder } from "../support/session_recorder.ts";
import { ownMetadata } from "../support/socket_types.ts";
import { DERIVED, FROM_OLDER, LIBZMQ } from "./vectors.ts";

const NONE = new Uint8Array(0);
const HANDSHAKE_INTERVAL = 1000;

/** NULL whose answers the test may give as well. */
class PlayedMechanism extends NullMechanism {
  port: MechanismHost | undefined;

  override start(port: MechanismHost): void {
    this.port = port;
    super.start(port);
  }
}

/** A started session. */
class Rig {
  readonly mechanism: PlayedMechanism = new PlayedMechanism(ownMetadata("PULL", NONE));
  readonly recorder: SessionRecorder = new SessionRecorder({
    mechanism: this.mechanism,
    limits: { handshakeInterval: HANDSHAKE_INTERVAL },
    heartbeat: { interval: 100, timeout: 50, timeToLive: 0 },
  });

  constructor() {
    this.recorder.session.start(0);
  }

  feed(...parts: Uint8Array[]): void {
    this.recorder.session.feed(concat(parts));
  }

  get state(): string {
    const { session, sentHex } = this.recorder;
    if (session.ready) return "TRAFFIC";
    if (session.nextDeadline === Infinity) return "ENDED";
    return sentHex.includes(toHex(LIBZMQ.readyPull)) ? "HANDSHAKE" : "GREETING";
  }
}

/** The steps from the start to each state, in the order in which a session reaches them. */
const REACH: Readonly<Record<string, (rig: Rig) => void>> = {
  GREETING: () => {},
  HANDSHAKE: (rig) => rig.feed(LIBZMQ.greeting),
  TRAFFIC: (rig) => rig.feed(LIBZMQ.greeting, LIBZMQ.readyPush),
  ENDED: (rig) => rig.recorder.session.end(),
};
const STATES = Object.keys(REACH);

const HAPPEN: Readonly<Record<string, (rig: Rig) => void>> = {
  greeting: (rig) => rig.feed(LIBZMQ.greeting),
  "older greeting": (rig) => rig.feed(FROM_OLDER.signature, hex("01 08 0000")),
  "other mechanism": (rig) => rig.feed(DERIVED.greetingPlain),
  READY: (rig) => rig.feed(LIBZMQ.readyPush),
  "wrong type": (rig) => rig.feed(readyFrame(ownMetadata("SUB", NONE))),
  ERROR: (rig) => rig.feed(encodeCommand("ERROR", encodeErrorReason("no"))),
  message: (rig) => rig.feed(LIBZMQ.messageShort),
  "too large": (rig) => rig.feed(hex("02 0000ffff00000000")),
  accepted: ({ mechanism }) => mechanism.port?.complete(parseMetadata(ownMetadata("PUSH", NONE))),
  rejected: ({ mechanism }) => mechanism.port?.fail(new Error("rejected")),
  deadline: ({ recorder }) => recorder.session.onTime(HANDSHAKE_INTERVAL),
  silence({ recorder }) {
    if (!recorder.session.ready) return;
    recorder.session.onTime(2000);
    recorder.session.onTime(3000);
  },
  end: ({ recorder }) => recorder.session.end(),
};

/** The cells of the table in the header: event, state, next state. */
async function table(): Promise<[event: string, from: string, to: string][]> {
  const source = await readFile(new URL("../../src/zmtp/session.ts", import.meta.url), "utf8");
  const rows = [...source.matchAll(/^ \* \|(.*)\|$/gm)].map(([, row]) => row!.split("|").map((cell) => cell.trim()));
  const [[, ...states], , ...events] = rows as [string[], string[], ...string[][]];
  assertEquals(states, STATES);
  assertEquals(events.map(([event]) => event), Object.keys(HAPPEN));
  return events.flatMap(([event, ...next]) =>
    next.map((to, i): [string, string, string] => [event!, STATES[i]!, to]).filter(([, , to]) => to !== "")
  );
}

test("session states: every cell of the table", async () => {
  const cells = await table();
  assertEquals(cells.length, 13 * 4 - 4);
  for (const [event, from, to] of cells) {
    const rig = new Rig();
    REACH[from]!(rig);
    const { recorder } = rig;
    assertEquals(rig.state, from);
    const [events, sent] = [recorder.events.length, recorder.sent.length];
    HAPPEN[event]!(rig);
    const cell = `${event} in ${from}`;
    assertEquals(rig.state, to === "-" ? from : to, cell);
    const told = recorder.events.slice(events);
    if (from === "ENDED") assertEquals([told, recorder.sent.length], [[], sent], cell);
    else if (to === "ENDED") assertEquals(told.filter((one) => "failure" in one).length, event === "end" ? 0 : 1, cell);
    else if (to === "TRAFFIC") assertEquals(told.map((one) => "ready" in one), [true], cell);
  }
});

test("session states: an empty cell cannot happen: no question is asked in GREETING, and heartbeats begin with TRAFFIC", () => {
  for (const state of ["GREETING", "HANDSHAKE"] as const) {
    const rig = new Rig();
    REACH[state]!(rig);
    assertEquals(rig.state, state);
    assertEquals(rig.mechanism.port === undefined, state === "GREETING");
    // Later than the interval of heartbeats.
    assertEquals(rig.recorder.session.nextDeadline, HANDSHAKE_INTERVAL);
  }
});

test("session states: over whole frames start leads to HANDSHAKE, or a routing id to TRAFFIC; nothing else does", () => {
  const START: readonly [protocol: string, mechanism: Mechanism | undefined, sent: string[], deadline: boolean][] = [
    ["ZWS2.0/NULL", undefined, [toHex(Uint8Array.of(2, ...LIBZMQ.readyPull.subarray(2)))], true],
    ["ZWS2.0", undefined, ["00"], true],
    ["ZWS2.0/PLAIN", undefined, [], false],
    ["ZWS2.0", new PlainClient({ metadata: NONE, username: NONE, password: NONE }), [], false],
    ["zws2.0/NULL", undefined, [], false],
  ];
  for (const [protocol, mechanism, sent, goesOn] of START) {
    const recorder = new SessionRecorder({ protocol, ...mechanism && { mechanism } });
    recorder.session.start(0);
    assertEquals(recorder.sent.map(toHex), sent, protocol);
    assertEquals(recorder.session.nextDeadline !== Infinity, goesOn, protocol);
    assertEquals(recorder.events.length, goesOn ? 0 : 1);
    if (!goesOn) continue;
    // Neither is READY a routing id, nor a routing id READY.
    for (const [first, fits] of [["READY", protocol !== "ZWS2.0"], ["routing id", protocol === "ZWS2.0"]] as const) {
      const { session } = new SessionRecorder({ protocol });
      session.start(0);
      session.feed(first === "READY" ? Uint8Array.of(2, ...LIBZMQ.readyPush.subarray(2)) : hex("00 6964"));
      assertEquals([session.ready, session.nextDeadline], [fits, Infinity], `${protocol}: ${first}`);
    }
  }
});

test("session states: every order of events keeps the contract, and goes forward only", () => {
  const names = Object.keys(HAPPEN);
  for (const from of STATES.slice(0, 3)) {
    for (const order of names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c])))) {
      const rig = new Rig();
      const { recorder } = rig;
      REACH[from]!(rig);
      let reached = STATES.indexOf(rig.state);
      let silent = Infinity;
      for (const name of order) {
        HAPPEN[name]!(rig);
        const state = STATES.indexOf(rig.state);
        assert(state >= reached, `${from}: ${order}`);
        reached = state;
        if (STATES[state] === "ENDED") silent = Math.min(silent, recorder.events.length);
      }
      recorder.session.end();
      const { events } = recorder;
      const readies = events.filter((event) => "ready" in event).length;
      assert(readies <= 1 && (events.length === 0 || "ready" in events[0]! || "failure" in events[0]!), `${order}`);
      assert(events.every((event, i) => !("failure" in event) || i === events.length - 1), `${from}: ${order}`);
      assertEquals(events.length, Math.min(silent, events.length), `${from}: ${order}`);
    }
  }
});
