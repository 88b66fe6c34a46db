/**
 * The states of a socket: every cell of the table in the header of `socket_core.ts`, and what each of them allows.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Push, ZmqError } from "../../mod.ts";
import { contextOn } from "../../src/engine/context.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { whenClosed } from "../../src/sockets/closing.ts";
import { test } from "../support/harness.ts";
import { walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const ENDPOINT = "inproc://nobody";

/** A socket with a message for a peer that does not come. */
class Rig {
  readonly clock = new VirtualClock();
  readonly push = new Push({ context: contextOn(this.clock), linger: 1000 }).unref();
  ended = 0;

  constructor() {
    this.push.connect(ENDPOINT);
    this.push.trySend("lost");
  }

  close(): void {
    void this.push.close().then(() => this.ended++);
  }
}

walkStates<Rig>("socket", {
  path: "engine/socket_core.ts",
  make: () => new Rig(),
  reach: {
    OPEN: () => {},
    CLOSING: (rig) => rig.close(),
    async CLOSED(rig) {
      rig.close();
      await rig.clock.advance(1000);
    },
  },
  happen: {
    close: async (rig) => {
      rig.close();
      await rig.clock.settle();
    },
    async empty(rig, from) {
      if (from === "OPEN") rig.push.disconnect(ENDPOINT);
      // The dialers and connections report their ends; none is left in CLOSED, and one too many changes nothing.
      if (from === "CLOSED") coreOf(rig.push).dialerEnded();
      await rig.clock.advance(1000);
    },
  },
  stateOf({ push, ended }) {
    const { signal } = coreOf(push);
    assertEquals(signal.aborted, push.closed);
    if (!push.closed) return "OPEN";
    return ended > 0 ? "CLOSED" : "CLOSING";
  },
  async end(rig) {
    rig.close();
    await rig.clock.advance(1000);
  },
});

test("socket states: after close no operation can begin, and the signal notifies all listeners, once", async () => {
  const rig = new Rig();
  const { push, clock } = rig;
  const calls: string[] = [];
  whenClosed(push, () => calls.push("before"));
  whenClosed(push, () => calls.push("taken back"))();
  const both = [push.close(), push.close({ linger: 500 })];
  assertEquals([push.closed, calls], [true, []]);
  const late = whenClosed(push, () => calls.push("after"));
  whenClosed(push, () => calls.push("taken back"))();
  await clock.settle();
  assertEquals(calls, ["before", "after"]);
  late();
  await assertRejects(() => push.bind("inproc://name"), ZmqError, "The Push socket is closed");
  assertThrows(() => push.connect("inproc://name"), ZmqError, "The Push socket is closed");
  assertThrows(() => push.trySend("late"), ZmqError, "The Push socket is closed");
  await clock.advance(499);
  assertEquals(clock.pending, 1);
  await clock.advance(1);
  assertEquals([await both[0], await both[1], clock.pending], [1, 1, 0]);
});
