/**
 * The time that a peer has to end its side: every cell of the table in the header of `grace.ts`, and how it is shortened.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Grace } from "../../src/transport/grace.ts";
import { test } from "../support/harness.ts";
import { requireCause, walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A grace, and the times at which it was over. */
class Rig {
  readonly clock = new VirtualClock();
  readonly over: number[] = [];
  readonly grace = new Grace(() => this.over.push(this.clock.now()), this.clock);
}

walkStates<Rig>("grace", {
  path: "transport/grace.ts",
  make: () => new Rig(),
  reach: {
    WAITING: () => {},
    RUNNING: ({ grace }) => grace.start(),
    STOPPED({ grace }) {
      grace.start();
      grace.stop();
    },
  },
  happen: {
    limit: ({ grace }) => grace.limit(100),
    start: ({ grace }) => grace.start(),
    async over({ grace, clock, over }) {
      requireCause(clock.pending > 0);
      grace.limit(100);
      await clock.advance(100);
      assertEquals(over, [100]);
    },
    stop: ({ grace }) => grace.stop(),
  },
  async stateOf({ grace, clock, over }) {
    const { length } = over;
    // At once where it runs.
    grace.limit(0);
    if (over.length > length) return "RUNNING";
    grace.start();
    await clock.settle();
    return over.length > length ? "WAITING" : "STOPPED";
  },
});

test("grace: the time begins with the end, and can be shortened before and after it, but not extended", async () => {
  const { clock, grace, over } = new Rig();
  grace.limit(500);
  grace.limit(1000);
  await clock.advance(800);
  grace.start();
  await clock.advance(100);
  grace.limit(300);
  grace.limit(600);
  await clock.advance(299);
  assertEquals(over, []);
  await clock.advance(1);
  assertEquals(over, [1200]);
});

test("grace: without a limit there is no timer, and with no time left it is over at once", async () => {
  const unlimited = new Rig();
  unlimited.grace.start();
  await unlimited.clock.advance(86_400_000);
  assertEquals(unlimited.over, []);
  const none = new Rig();
  none.grace.limit(0);
  none.grace.start();
  assertEquals(none.over, [0]);
});
