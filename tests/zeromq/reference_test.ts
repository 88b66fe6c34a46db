/**
 * The drop-in for zeromq.js against zeromq.js itself, which runs on Node in a process of its own.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { allEnded } from "../../src/zeromq/exit.ts";
import * as zmq from "../../src/zeromq/mod.ts";
import * as version5 from "../../src/zeromq/v5_compat.ts";
import { test } from "../support/harness.ts";
import { nodeProgram } from "../support/node_program.ts";
import { play, SCENARIOS } from "./scenarios.ts";
import { SCENARIOS5 } from "./v5_scenarios.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The results of zeromq.js by scenario, from one process for all tests. */
let reference: Promise<ReadonlyMap<string, unknown>> | undefined;

async function readReference(): Promise<ReadonlyMap<string, unknown>> {
  const args = [...nodeProgram("tests/zeromq/reference_child.ts")];
  const child = spawn("node", args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const results = new Map<string, unknown>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, result] = JSON.parse(line) as [string, unknown];
    results.set(name, result);
  }
  await ended;
  return results;
}

process.removeAllListeners("warning");
function compare(name: string, run: () => Promise<unknown>): void {
  test(`as zeromq.js: ${name}`, async () => {
    const ours = await run();
    await allEnded();
    const theirs = (await (reference ??= readReference())).get(name);
    assertEquals(ours, theirs);
  }, { timeout: 60_000 });
}

for (const [name, scenario] of Object.entries(SCENARIOS)) compare(name, () => play(scenario, zmq));
for (const [name, scenario] of Object.entries(SCENARIOS5)) compare(name, () => play(scenario, version5));
