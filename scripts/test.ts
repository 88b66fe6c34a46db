/**
 * The gate: every check, every test on every runtime, and the built package. The last line of the output is
 * `N passed, N failed`; the exit code is 0 only if nothing failed.
 *
 * `npm test -- [--only checks|tests|package] [--runtime deno|bun|node] [--builder dnt|tsc] [FILE…]`, where FILE is a
 * part of a test file's path. `USE_JSR=1` takes `@std/…` from JSR instead of the stand-ins.
 *
 * Hand-written: the runtimes' own runners run the tests. This script starts them, reads their reports, and adds up the
 * results.
 *
 * @module
 */

import process from "node:process";
import { checks } from "./gate/checks.ts";
import { nodePrograms } from "./gate/node_programs.ts";
import { NodeTests } from "./gate/node_tests.ts";
import { packageSteps } from "./gate/package_part.ts";
import { pythonPeer } from "./gate/python_peer.ts";
import { runSteps, type Step, summary } from "./gate/report.ts";
import { runTests } from "./gate/runners.ts";
import { type Part, select, type Selection } from "./gate/selection.ts";
import { sourceFiles } from "./gate/source_files.ts";

/** Ends a runner that hangs; several times what a busy machine takes. */
const RUNTIME_TIMEOUT = 2_700_000;

function testSteps({ tests }: Selection): Step[] {
  // Looked up once, by the first runtime that needs it.
  let peer: ReturnType<typeof pythonPeer> | undefined;
  let programs: ReturnType<typeof nodePrograms> | undefined;
  return [...tests].map(([runtime, files]) => ({
    name: `tests on ${runtime}`,
    run: async (slot) => {
      const needsPeer = files.some((path) => path.startsWith("tests/interop/"));
      const env = { ...needsPeer ? await (peer ??= pythonPeer()) : {}, ...await (programs ??= nodePrograms()) };
      const made = runtime === "node" ? await NodeTests.make(files) : undefined;
      return await runTests(runtime, files, { timeout: RUNTIME_TIMEOUT, env, slot, made });
    },
  }));
}

function selected(): Selection {
  try {
    return select(process.argv.slice(2), sourceFiles(["tests"], "_test.ts"));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const selection = selected();
const STEPS: Readonly<Record<Part, (selection: Selection) => Step[]>> = {
  checks,
  tests: testSteps,
  package: packageSteps,
};

/** Returns the steps of a part. If they cannot even be listed, the result is one failing step. */
function stepsOf(part: Part): Step[] {
  try {
    return STEPS[part](selection);
  } catch (error) {
    return [{ name: part, run: () => Promise.reject(error) }];
  }
}

const totals = await runSteps(selection.parts.flatMap(stepsOf), (line) => console.log(line));
console.log(summary(totals));
process.exitCode = totals.failed === 0 ? 0 : 1;
