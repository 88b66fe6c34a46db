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

const BUILD_TIMEOUT = 600_000;
const TESTS_TIMEOUT = 2_700_000;
const NOT_BUILT: StepResult = { passed: 0, failures: [], skipped: ["there is no package"] };

/** Its steps; the sizes are left out where tests were asked for by name. */
export function packageSteps({ packageTests, narrowed, builder }: Selection): Step[] {
  const chosen = builder === undefined ? [] : ["--builder", builder];
  let built = false;
  // Else what an earlier build left would be tested.
  const ifBuilt = (run: () => Promise<StepResult>) => () => built ? run() : Promise.resolve(NOT_BUILT);
  return [
    {
      name: "build of the npm package",
      run: async () => {
        const result = await build(chosen);
        built = result.failures.length === 0;
        return result;
      },
    },
    {
      name: "tests of the npm package",
      run: ifBuilt(() => runTests("node", packageTests, TESTS_TIMEOUT)),
    },
    ...(narrowed ? [] : [{ name: "size of the npm package", run: ifBuilt(measureSizes) }]),
  ];
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
