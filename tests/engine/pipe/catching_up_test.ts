/**
 * The limit of reading while a program receives as fast as it can: its start, its size, and its end.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { BEHIND_IN_ALL, CatchingUp } from "../../../src/engine/pipe/catching_up.ts";
import type { Clock, Timer } from "../../../src/base/clock.ts";
import { Inbox } from "../../../src/engine/pipe/inbox.ts";
import { HighWaterMarks } from "../../../src/engine/pipe/high_water_marks.ts";
import { test } from "../../support/harness.ts";
import { settle } from "../../support/socket_types.ts";
import { cause, walkStates } from "../../support/state_table.ts";

const BODY = new Uint8Array(1);

/** A clock of one timer, which the test has fire. */
class OneTimer implements Clock {
  fire: (() => void) | undefined;

  now(): number {
    return 0;
  }

  timer(_ms: number, callback: () => void): Timer {
    assertEquals(this.fire, undefined);
    this.fire = () => {
      this.fire = undefined;
      callback();
    };
    return { cancel: () => this.fire = undefined, ref() {}, unref() {} };
  }

  turn(): void {
    throw new Error("Nothing waits for a turn here");
  }

  random(): number {
    return 0;
  }
}

function rig(options: object) {
  const settings = settle("PULL", options);
  const marks = new HighWaterMarks(settings);
  const clock = new OneTimer();
  const host = { peers: 1, changes: 0, marksChanged: () => void host.changes++ };
  const limit = new CatchingUp(marks, host, clock);
  const turn = () => {
    limit.behind();
    limit.goesOn();
  };
  return { settings, marks, clock, host, limit, turn };
}

test("a socket without a high-water mark has one while its program is behind, and only then", () => {
  const { marks, clock, host, turn } = rig({ receiveHighWaterMark: 0 });
  assertEquals(marks.receiveMessages, Infinity);
  turn();
  assertEquals(marks.receiveMessages, BEHIND_IN_ALL);
  for (let i = 0; i < 3; i++) {
    turn();
    clock.fire!();
    assertEquals([marks.receiveMessages, host.changes], [BEHIND_IN_ALL, 0]);
  }
  clock.fire!();
  assertEquals([marks.receiveMessages, host.changes, clock.fire], [Infinity, 1, undefined]);
  turn();
  assertEquals(marks.receiveMessages, BEHIND_IN_ALL);
});

test("the peers share the limit, and each may have as much as by default", () => {
  const { marks, clock, host, turn } = rig({ receiveHighWaterMark: 0 });
  host.peers = 4;
  turn();
  assertEquals(marks.receiveMessages, BEHIND_IN_ALL / 4);
  host.peers = 1000;
  turn();
  clock.fire!();
  assertEquals(marks.receiveMessages, 1000);
});

test("a smaller high-water mark of the socket applies, also one that is set meanwhile; one of the default or less starts no timer", () => {
  const { settings, marks, clock, turn } = rig({ receiveHighWaterMark: 5000 });
  turn();
  assertEquals(marks.receiveMessages, 5000);
  settings.receiveHighWaterMark = 1_000_000;
  marks.update(settings);
  assertEquals(marks.receiveMessages, BEHIND_IN_ALL);
  clock.fire!();
  clock.fire?.();
  assertEquals(marks.receiveMessages, 1_000_000);
  for (const receiveHighWaterMark of [1, 1000]) {
    const small = rig({ receiveHighWaterMark });
    small.turn();
    assertEquals([small.marks.receiveMessages, small.clock.fire], [receiveHighWaterMark, undefined]);
  }
});

test("a program that waits for its next turn is behind, however long that takes", () => {
  const { marks, clock, limit, host } = rig({ receiveHighWaterMark: 0 });
  limit.behind();
  for (let i = 0; i < 5; i++) clock.fire!();
  assertEquals([marks.receiveMessages, host.changes], [BEHIND_IN_ALL, 0]);
  limit.goesOn();
  clock.fire!();
  assertEquals([marks.receiveMessages, host.changes], [Infinity, 1]);
});

test("without a high-water mark in messages frames have none either, also while the program is behind", () => {
  const { marks, limit } = rig({ receiveHighWaterMark: 0 });
  limit.behind();
  assertEquals(marks.receiveFrames, Infinity);
});

test("an inbox has the limit at once, also if nothing reports that it has changed", () => {
  const { marks, limit } = rig({ receiveHighWaterMark: 0 });
  const inbox = new Inbox(marks, () => {});
  for (let i = 0; i < BEHIND_IN_ALL; i++) inbox.push([BODY]);
  assertEquals(inbox.hasRoom(), true);
  limit.behind();
  assertEquals(inbox.hasRoom(), false);
});

walkStates<ReturnType<typeof rig>>("catching up", {
  path: "engine/pipe/catching_up.ts",
  make: () => rig({ receiveHighWaterMark: 0 }),
  reach: {
    IDLE: () => {},
    LIMITED({ limit }) {
      limit.behind();
      limit.goesOn();
    },
    DROPPED: ({ limit }) => limit.drop(),
  },
  happen: {
    behind: ({ limit }) => limit.behind(),
    look: ({ clock }) => cause(clock.fire)(),
    "look, behind"({ limit, clock }) {
      const fire = cause(clock.fire);
      limit.behind();
      fire();
    },
    drop: ({ limit }) => limit.drop(),
  },
  stateOf({ marks, clock, limit }) {
    if (clock.fire !== undefined) return marks.receiveMessages === BEHIND_IN_ALL ? "LIMITED" : "";
    limit.behind();
    return clock.fire === undefined ? "DROPPED" : "IDLE";
  },
});

test("a socket that is closed leaves no timer", () => {
  const { clock, limit } = rig({ receiveHighWaterMark: 0 });
  limit.behind();
  limit.drop();
  assertEquals(clock.fire, undefined);
});
