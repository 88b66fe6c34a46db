/**
 * The part of the gate that builds the npm package, tests it as its users would, and checks its size limits.
 *
 * @module
 */

import { measureSizes } from "./package_sizes.ts";
import { installed, run } from "./process.ts";
import type { Step, StepResult } from "./report.ts";
import { runTests } from "./runners.ts";
import type { Selection } from "./selection.ts";
import { HEAVY, type Slot } from "./slots.ts";

const BUILD_TIMEOUT = 600_000;
const TESTS_TIMEOUT = 2_700_000;
const NOT_BUILT: StepResult = { passed: 0, failures: [], skipped: ["there is no package"] };

/** Its steps; the sizes are left out where tests were asked for by name. */
export function packageSteps({ packageTests, narrowed, builder }: Selection): Step[] {
  const chosen = builder === undefined ? [] : ["--builder", builder];
  const built = deferred<boolean>();
  const tested = deferred<void>();
  // Else what an earlier build left would be tested.
  const ifBuilt = async (run: () => Promise<StepResult>) => await built.promise ? await run() : NOT_BUILT;
  return [
    {
      name: "build of the npm package",
      tree: "writes",
      run: async (slot) => {
        const result = await slot(() => build(chosen), HEAVY);
        built.resolve(result.failures.length === 0);
        return result;
      },
    },
    {
      name: "tests of the npm package",
      run: (slot) =>
        ifBuilt(() => runTests("node", packageTests, { timeout: TESTS_TIMEOUT, slot })).finally(tested.resolve),
    },
    ...(narrowed ? [] : [{
      name: "size of the npm package",
      // Not beside the tests, because it leaves a file in the package.
      run: (slot: Slot) => tested.promise.then(() => ifBuilt(() => slot(measureSizes))),
    }]),
  ];
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => resolve = done);
  return { promise, resolve };
}

async function build(args: readonly string[]): Promise<StepResult> {
  const { code, stdout, output } = await run(
    installed("deno"),
    ["run", "--allow-all", "--no-check", "scripts/build_npm.ts", ...args],
    { timeout: BUILD_TIMEOUT },
  );
  if (code !== 0) return { passed: 0, failures: [{ name: "build", detail: output }], skipped: [] };
  // The last line names the builder.
  return { passed: 1, failures: [], skipped: [], notes: stdout.split("\n").slice(-1) };
}
