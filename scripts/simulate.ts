/**
 * `npm run simulate`: the library in a simulated world (docs/testing.md).
 *
 * - `--seeds N [--from SEED]`: runs N seeds. Default: 1000 from 1.
 * - `--seed N [--trace]`: runs one seed, with a trace of everything that happens.
 * - `--minutes M`: runs as many seeds as fit.
 * - `--runtime deno|bun|node`: on this runtime. Default: node.
 * - `--digest`: prints a hash of the trace of each seed.
 * - `--quick`: ends at the first failure, without making it shorter.
 * - `--mutations [--only TEXT]`: runs up to 2000 seeds against each deliberate bug (`simulate/mutations.ts`).
 *
 * The exit code is 0 if no seed failed.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { installed } from "./gate/process.ts";
import { mutate } from "./simulate/mutate.ts";

const CHILD = "tests/simulation/simulate_child.ts";
const COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  deno: [installed("deno"), "run", "--allow-all", "--no-check"],
  bun: [installed("bun")],
  node: [process.execPath, "--import", "tsx"],
};

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
      mutations: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  const command = COMMANDS[values.runtime];
  if (command === undefined) throw new TypeError(`--runtime is one of ${Object.keys(COMMANDS).join(", ")}`);
  const numbers = [values.seed ?? values.from ?? "1", values.seeds ?? "1000", values.minutes ?? "0"].map(Number);
  if (numbers.some((one) => !(one >= 0))) throw new TypeError("Seeds and minutes are numbers");
  const [from, seeds, minutes] = numbers as [number, number, number];
  const count = values.seed !== undefined ? 1 : values.seeds === undefined && minutes > 0 ? 2 ** 31 : seeds;
  const mode = values.trace ? "trace" : values.digest ? "digest" : values.quick ? "quick" : "";
  const { mutations, only } = values;
  return {
    command,
    args: [`${from}`, `${count}`, `${minutes}`, mode],
    mutations,
    only,
    seeds: Number(values.seeds ?? 2000),
  };
}

async function start(): Promise<void> {
  const { command, args, mutations, only, seeds } = parsed();
  if (mutations) {
    process.exitCode = await mutate(CHILD, command, seeds, only) === 0 ? 0 : 1;
    return;
  }
  const [program, ...before] = command;
  const child = spawn(program, [...before, CHILD, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exitCode = code ?? 1);
}

try {
  await start();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
