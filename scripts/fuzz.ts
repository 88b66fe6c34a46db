/**
 * `npm run fuzz`: passes random inputs to the parts of the library that read what peers send (docs/testing.md).
 *
 * - `--target NAME`: this target, several with commas, or `all`. Default: `all`.
 * - `--minutes M`: runs as many inputs as fit into M minutes, per target.
 * - `--inputs N`: runs N inputs per target. Default: 100000.
 * - `--seed N`: another seed makes other inputs. Default: 1.
 * - `--runtime deno|bun|node`: on this runtime. Default: node.
 * - `--input HEX`: runs this one input only.
 * - `--grow`: adds the inputs that reach new code to the corpus. Node only, because V8 counts there.
 *
 * The exit code is 0 if no input failed.
 *
 * Hand-written: fuzzers for JavaScript (Jazzer.js) are native addons for Node alone; these targets run on three runtimes.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { fromHex } from "../tests/fuzz/corpus.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";
import { installed } from "./gate/process.ts";

const CHILD = "tests/fuzz/fuzz_child.ts";
const COMMANDS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  deno: [installed("deno"), "run", "--allow-all", "--no-check"],
  bun: [installed("bun")],
  node: [process.execPath, "--import", "tsx"],
};

function parsed() {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: "all" },
      minutes: { type: "string" },
      inputs: { type: "string" },
      seed: { type: "string", default: "1" },
      runtime: { type: "string", default: "node" },
      input: { type: "string" },
      grow: { type: "boolean", default: false },
    },
  });
  const command = COMMANDS[values.runtime];
  if (command === undefined) throw new TypeError(`--runtime is one of ${Object.keys(COMMANDS).join(", ")}`);
  if (values.grow && values.runtime !== "node") throw new TypeError("--grow needs --runtime node");
  const targets = values.target === "all" ? [...TARGETS.keys()] : values.target.split(",");
  const unknown = targets.find((name) => !TARGETS.has(name));
  if (unknown !== undefined) throw new TypeError(`No target ${unknown}; there are ${[...TARGETS.keys()].join(", ")}`);
  const minutes = Number(values.minutes ?? 0);
  const inputs = values.inputs === undefined && minutes > 0
    ? Number.MAX_SAFE_INTEGER
    : Number(values.inputs ?? 100_000);
  const seed = Number(values.seed);
  if (![minutes, inputs, seed].every((one) => one >= 0)) throw new TypeError("Minutes, inputs and seeds are numbers");
  const { input, grow } = values;
  if (input !== undefined) fromHex(input);
  return { command, job: { targets, minutes, inputs, seed, input, grow } };
}

function start(): void {
  const { command: [program, ...before], job } = parsed();
  const child = spawn(program, [...before, CHILD, JSON.stringify(job)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exitCode = code ?? 1);
}

try {
  start();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
