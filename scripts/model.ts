/**
 * `npm run model`: random sequences of calls of the API on real sockets, against a model (docs/testing.md).
 *
 * - `--runs N`: plays this many sequences. Default: 500.
 * - `--seed N`: the sequences of this seed. Default: another one each time.
 * - `--runtime deno|bun|node`: on this runtime. Default: node.
 *
 * The exit code is 0 if no sequence failed; one that fails is made shorter and printed with its seed.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { runOn } from "./simulate/runtimes.ts";

try {
  const { values } = parseArgs({
    options: { runs: { type: "string" }, seed: { type: "string" }, runtime: { type: "string", default: "node" } },
  });
  const numbers = [values.seed ?? Date.now() % 1_000_000, values.runs ?? 500].map(Number);
  if (!numbers.every(Number.isInteger)) throw new TypeError("--seed and --runs are whole numbers");
  process.exitCode = await runOn(values.runtime, "tests/model/model_child.ts", numbers.map(String));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
