/**
 * A loop of awaits that never waits, where the runtime looks at its sockets only when it is made to (Deno).
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Clock, systemClock } from "../../../src/base/clock.ts";
import { type Reader, ReadTurns, readTurnsOf } from "../../../src/engine/connection/read_turns.ts";
import { ReceiveQueue } from "../../../src/engine/waits/receive_queue.ts";
import { SendQueue } from "../../../src/engine/waits/send_queue.ts";
import { AT_ONCE } from "../../../src/engine/waits/turn.ts";
import { PairPattern } from "../../../src/routing/pair.ts";
import { ConnectionRig } from "../../support/connection_rig.ts";
import { FakePipe } from "../../support/fake_pipe.ts";
import { test } from "../../support/harness.ts";
import { late, settle } from "../../support/socket_types.ts";

test("read turns: calls of later() make the runtime poll its sockets every few ms, as long as a link supports it", () => {
  let time = 0;
  let turned = 0;
  const polls: (() => void)[] = [];
  const turns = new ReadTurns({ now: () => time, turn: () => void turned++ });
  const reader = (poll: Reader["poll"]): Reader => ({ readOn() {}, poll });
  const polling = reader((callback) => polls.push(callback) > 0);
  let calls = 0;
  const later = () => turns.later(() => calls++);
  turns.join(reader(() => false));
  turns.join(polling);
  later();
  assertEquals([polls.length, turned, calls], [1, 0, 0]);
  polls[0]!();
  later();
  assertEquals([polls.length, turned, calls], [1, 1, 1]);
  time += 20;
  later();
  assertEquals([polls.length, turned], [2, 1]);
  time += 20;
  turns.leave(polling);
  later();
  assertEquals([polls.length, turned], [2, 2]);
});

test("read turns: loops of sends and receives make it poll, until the last link that supports it is closed", async () => {
  let time = 0;
  const clock: Clock = { ...systemClock, now: () => time };
  const rig = new ConnectionRig({ readTurns: readTurnsOf(clock) });
  let polls = 0;
  Object.assign(rig.link, {
    poll: (callback: () => void) => {
      polls++;
      systemClock.turn(callback);
    },
  });
  rig.connection.start();
  const pattern = new PairPattern();
  const pipe = FakePipe.attached(pattern, "peer");
  const sends = new SendQueue(pattern, settle("PAIR", {}), clock, late);
  const receives = new ReceiveQueue(pattern, settle("PAIR", {}), clock, late);
  const loops = async () => {
    time += 20;
    for (let i = 0; i < AT_ONCE; i++) await sends.send("x");
    time += 20;
    for (let i = 0; i < AT_ONCE; i++) {
      pipe.arrive("x");
      await receives.receive();
    }
    return polls;
  };
  assertEquals(await loops(), 2);
  await rig.end();
  assertEquals(await loops(), 2);
});
