/**
 * The deadlines of one socket, and the states of what keeps them: every cell of the table in the header of `linger.ts`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Linger } from "../../src/engine/linger.ts";
import { test } from "../support/harness.ts";
import { walkStates } from "../support/state_table.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Deadlines, with a log of what was dropped. */
class Rig {
  readonly clock = new VirtualClock();
  readonly linger = new Linger(this.clock);
  readonly dropped: string[] = [];
  readonly #things = new Map<string, object>();

  thing(name: string): object {
    if (!this.#things.has(name)) this.#things.set(name, {});
    return this.#things.get(name)!;
  }

  watch(name: string, ms: number): void {
    this.linger.watch(
      this.thing(name),
      this.linger.deadline(ms),
      () => this.dropped.push(`${name} ${this.clock.now()}`),
    );
  }
}

walkStates<Rig>("linger", {
  path: "engine/linger.ts",
  make: () => new Rig(),
  reach: { IDLE: () => {}, RUNNING: (rig) => rig.watch("a", 100), ENDED: (rig) => rig.linger.end() },
  happen: {
    watch: (rig) => rig.watch("a", 200),
    forget: (rig) => rig.linger.forget(rig.thing("a")),
    deadline: (rig) => rig.clock.advance(100),
    end: (rig) => rig.linger.end(),
  },
  async stateOf(rig) {
    if (rig.clock.pending > 0) return "RUNNING";
    rig.watch("probe", 1);
    await rig.clock.advance(1);
    return rig.dropped.some((drop) => drop.startsWith("probe")) ? "IDLE" : "ENDED";
  },
});

test("linger: each connection and dialer is dropped at its own deadline, by one timer", async () => {
  const rig = new Rig();
  rig.watch("late", 300);
  rig.watch("never", -1);
  rig.watch("early", 100);
  rig.watch("too", 100);
  assertEquals(rig.clock.pending, 1);
  await rig.clock.advance(1000);
  assertEquals([rig.dropped, rig.clock.pending], [["early 100", "too 100", "late 300"], 0]);
});

test("linger: a deadline is brought forward, and never postponed", async () => {
  const rig = new Rig();
  rig.watch("a", 300);
  rig.watch("b", 300);
  rig.watch("c", -1);
  rig.watch("a", 100);
  rig.watch("b", 500);
  rig.watch("c", 0);
  await rig.clock.advance(1000);
  assertEquals(rig.dropped, ["c 0", "a 100", "b 300"]);
});

test("linger: a connection that ends before its deadline is not dropped, also while others are", async () => {
  const rig = new Rig();
  rig.linger.watch(rig.thing("a"), 100, () => rig.linger.forget(rig.thing("b")));
  rig.watch("b", 100);
  rig.watch("c", 200);
  rig.linger.forget(rig.thing("c"));
  await rig.clock.advance(1000);
  assertEquals([rig.dropped, rig.clock.pending], [[], 0]);
});
