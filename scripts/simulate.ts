/**
 * `npm run simulate`: the library in a simulated world (docs/testing.md).
 *
 * - `--seeds N [--from SEED]`: runs N seeds. Default: 1000 from 1.
 * - `--seed N [--trace]`: runs one seed, with a trace of everything that happens.
 * - `--minutes M`: runs as many seeds as fit.
 * - `--runtime deno|bun|node`: on this runtime. Default: node.
 * - `--digest`: prints a hash of the trace of each seed.
 * - `--quick`: ends at the first failure, without making it shorter.
 * - `--all`: goes on after failures, without making them shorter.
 * - `--mutations [--only TEXT]`: runs up to 2000 seeds against each deliberate bug (`simulate/mutations.ts`).
 *
 * The exit code is 0 if no seed failed.
 *
 * Hand-written: no package simulates a network for Node, Deno and Bun. `tests/simulation/` is the world, and this script only passes the options.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { mutate } from "./simulate/mutate.ts";
import { MUTATIONS } from "./simulate/mutations.ts";
import { commandOf, runOn } from "./simulate/runtimes.ts";

const CHILD = "tests/simulation/simulate_child.ts";
function parsed() {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string" },
      seed: { type: "string" },
      from: { type: "string" },
      minutes: { type: "string" },
      runtime: { type: "string", default: "node" },
      trace: { type: "boolean", default: false },
      digest: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      mutations: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  const numbers = [values.seed ?? values.from ?? "1", values.seeds ?? "1000", values.minutes ?? "0"].map(Number);
  if (numbers.some((one) => !(one >= 0))) throw new TypeError("Seeds and minutes are numbers");
  const [from, seeds, minutes] = numbers as [number, number, number];
  const count = values.seed !== undefined ? 1 : values.seeds === undefined && minutes > 0 ? 2 ** 31 : seeds;
  const mode = (["trace", "digest", "quick", "all"] as const).find((name) => values[name]) ?? "";
  const { mutations, only } = values;
  return {
    runtime: values.runtime,
    args: [`${from}`, `${count}`, `${minutes}`, mode],
    mutations,
    only,
    seeds: Number(values.seeds ?? 2000),
  };
}

async function start(): Promise<void> {
  const { runtime, args, mutations, only, seeds } = parsed();
  if (mutations) {
    process.exitCode = await mutate({
        entry: CHILD,
        args: ["1", `${seeds}`, "0", "quick"],
        command: commandOf(runtime),
        mutations: MUTATIONS.filter(({ name }) => name.includes(only)),
        found: /^seed (\d+) failed: ([a-z-]+)/m,
        titles: ["Found by seed", "Invariant"],
      }) === 0
      ? 0
      : 1;
    return;
  }
  process.exitCode = await runOn(runtime, CHILD, args);
}

try {
  await start();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
