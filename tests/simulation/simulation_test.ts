/**
 * The simulation in the gate: every kept scenario, and some hundreds of seeds. `npm run simulate` plays more.
 *
 * @module
 */

// A process of its own: `tcp://` leads into the simulated network.

import { assertEquals } from "@std/assert";
import { capability } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { TYPES } from "../support/socket_types.ts";
import { KEPT } from "./kept.ts";
import { forgotten, NOT_DRAWN } from "./options.ts";
import { planOf } from "./plan.ts";
import { Simulator } from "./simulator.ts";
import { Trace } from "./trace.ts";

const SEEDS = 200;
const TWICE = 20;
const TIMEOUT = { timeout: 300_000 };

async function simulated(body: (simulator: Simulator) => Promise<void>): Promise<void> {
  const simulator = await Simulator.open(capability);
  try {
    await body(simulator);
  } finally {
    simulator.close();
  }
}

test("every option of every type is drawn, or listed with the reason why not", () => {
  assertEquals(TYPES.flatMap((type) => forgotten(type).map((name) => `${type}.${name}`)), []);
  assertEquals(Object.values(NOT_DRAWN).filter((reason) => reason === ""), []);
});

test("scenarios that once failed", () =>
  simulated(async (simulator) => {
    for (const { why, plan } of KEPT) {
      const { violation } = await simulator.play(plan);
      if (violation !== undefined) throw new Error(`"${why}": ${violation.message}`);
    }
  }), TIMEOUT);

test(`seeds 1 to ${SEEDS}`, () =>
  simulated(async (simulator) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation } = await simulator.playSeed(seed);
      if (violation === undefined) continue;
      throw new Error(`npm run simulate -- --seed ${seed} --trace: ${violation.message}`);
    }
  }), TIMEOUT);

test("the same seed gives the same trace again", () =>
  simulated(async (simulator) => {
    for (let seed = 1; seed <= TWICE; seed++) {
      const traces = [new Trace("lines"), new Trace("lines")] as const;
      for (const trace of traces) await simulator.play(planOf(seed), trace);
      assertEquals(traces[1].lines, traces[0].lines);
    }
  }), TIMEOUT);
