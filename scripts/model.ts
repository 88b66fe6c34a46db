/**
 * `npm run model`: random sequences of calls of the API on real sockets, against a model (docs/testing.md).
 *
 * - `--runs N`: plays this many sequences. Default: 500.
 * - `--seed N`: the sequences of this seed. Default: another one each time.
 * - `--runtime deno|bun|node`: on this runtime. Default: node.
 * - `--mutations [--only TEXT]`: plays up to 500 sequences against each deliberate bug (`simulate/model_mutations.ts`).
 *
 * The exit code is 0 if no sequence failed; one that fails is made shorter and printed with its seed.
 *
 * Hand-written: fast-check plays, and shortens, the sequences; this script passes the options, and starts the runtime.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { MODEL_MUTATIONS } from "./simulate/model_mutations.ts";
import { mutate } from "./simulate/mutate.ts";
import { commandOf, runOn } from "./simulate/runtimes.ts";

const CHILD = "tests/model/model_child.ts";

try {
  const { values } = parseArgs({
    options: {
      runs: { type: "string" },
      seed: { type: "string" },
      runtime: { type: "string", default: "node" },
      mutations: { type: "boolean", default: false },
      only: { type: "string", default: "" },
    },
  });
  const numbers = [values.seed ?? Date.now() % 1_000_000, values.runs ?? 500].map(Number);
  if (!numbers.every(Number.isInteger)) throw new TypeError("--seed and --runs are whole numbers");
  if (values.mutations) {
    process.exitCode = await mutate({
        entry: CHILD,
        args: [values.seed ?? "1", values.runs ?? "500", "quick"],
        command: commandOf(values.runtime),
        mutations: MODEL_MUTATIONS.filter(({ name }) => name.includes(values.only)),
        found: /failed after (\d+) tests?/,
        titles: ["Found by sequence"],
      }) === 0
      ? 0
      : 1;
  } else process.exitCode = await runOn(values.runtime, CHILD, numbers.map(String));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
