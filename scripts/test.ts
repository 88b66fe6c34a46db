/**
 * The gate: every check, every test on every runtime, and the built package. Its last line is
 * `N passed, N failed`, and its exit code says the same.
 *
 * `npm test -- [--only checks|tests|package] [--runtime deno|bun|node] [FILE…]`, where FILE is a part of a test file's
 * path. `USE_JSR=1` takes `@std/…` from JSR instead of the stand-ins.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { describeSizes, measureSizes, readLimits, sizeProblems } from "./check_size.ts";
import { checks } from "./gate/checks.ts";
import { installed, run } from "./gate/process.ts";
import { pythonPeer } from "./gate/python_peer.ts";
import { runSteps, type Step, summary } from "./gate/report.ts";
import { runTests, type Runtime, RUNTIMES } from "./gate/runners.ts";
import { sourceFiles } from "./gate/source_files.ts";

const PARTS = ["checks", "tests", "package"] as const;
type Part = typeof PARTS[number];

const RUNTIME_TIMEOUT = 540_000;
const BUILD_TIMEOUT = 120_000;
/** Tests of the project's own tools and of its package, which are Node programs. */
const NODE_ONLY = ["tests/tooling/", "tests/package/"];

interface Selection {
  readonly parts: readonly Part[];
  readonly runtimes: readonly Runtime[];
  /** Whether a test file was asked for. */
  readonly wants: (path: string) => boolean;
}

function parseSelection(args: string[]): Selection {
  const { values, positionals } = parseArgs({
    args,
    options: { only: { type: "string" }, runtime: { type: "string" } },
    allowPositionals: true,
  });
  const part = oneOf(PARTS, values.only, "--only");
  const runtime = oneOf(RUNTIMES, values.runtime, "--runtime");
  const narrowed = positionals.length > 0 || runtime !== undefined;
  return {
    parts: part !== undefined ? [part] : narrowed ? ["tests"] : PARTS,
    runtimes: runtime !== undefined ? [runtime] : RUNTIMES,
    wants: (path) =>
      positionals.length === 0 ||
      positionals.some((positional) => path.includes(positional)),
  };
}

function oneOf<T extends string>(
  choices: readonly T[],
  value: string | undefined,
  flag: string,
): T | undefined {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined && value !== undefined) {
    throw new RangeError(
      `Cannot use ${flag} ${value}: choose one of ${choices.join(", ")}`,
    );
  }
  return choice;
}

function testSteps({ runtimes, wants }: Selection): Step[] {
  const files = sourceFiles(["tests"], "_test.ts").filter(wants);
  const everywhere = files.filter((path) => !NODE_ONLY.some((folder) => path.startsWith(folder)));
  const tooling = files.filter((path) => path.startsWith("tests/tooling/"));
  // Asked for once, by the first runtime that needs it.
  let peer: ReturnType<typeof pythonPeer> | undefined;
  return runtimes.flatMap((runtime) => {
    const chosen = runtime === "node" ? [...everywhere, ...tooling] : everywhere;
    if (chosen.length === 0 && tooling.length > 0) return [];
    return {
      name: `tests on ${runtime}`,
      run: async () => {
        const needsPeer = chosen.some((path) => path.startsWith("tests/interop/"));
        const env = needsPeer ? await (peer ??= pythonPeer()) : {};
        return runTests(runtime, chosen, RUNTIME_TIMEOUT, env);
      },
    };
  });
}

function packageSteps(): Step[] {
  return [packageStep(), sizeStep()];
}

function sizeStep(): Step {
  return {
    name: "size of the npm package",
    run: async () => {
      try {
        const [sizes, limits] = [await measureSizes(), readLimits()];
        const failures = sizeProblems(sizes, limits).map((name) => ({ name, detail: "" }));
        return { passed: failures.length === 0 ? 1 : 0, failures, skipped: [], notes: describeSizes(sizes, limits) };
      } catch (error) {
        return { passed: 0, failures: [{ name: "size", detail: String(error) }], skipped: [] };
      }
    },
  };
}

function packageStep(): Step {
  return {
    name: "npm package",
    run: async () => {
      const args = ["run", "--allow-all", "--no-check", "scripts/build_npm.ts"];
      const { code, output } = await run(installed("deno"), args, {
        timeout: BUILD_TIMEOUT,
      });
      if (code !== 0) {
        return {
          passed: 0,
          failures: [{ name: "build", detail: output }],
          skipped: [],
        };
      }
      const used = await runTests(
        "node",
        sourceFiles(["tests/package"], "_test.ts"),
        RUNTIME_TIMEOUT,
      );
      return { ...used, passed: used.passed + 1 };
    },
  };
}

const selection = parseSelection(process.argv.slice(2));
const steps = selection.parts.flatMap((part): Step[] => {
  switch (part) {
    case "checks":
      return checks();
    case "tests":
      return testSteps(selection);
    case "package":
      return packageSteps();
  }
});
const totals = await runSteps(steps, (line) => console.log(line));
console.log(summary(totals));
process.exitCode = totals.failed === 0 ? 0 : 1;
