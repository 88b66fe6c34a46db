/**
 * Parses the command line of the gate: which parts, runtimes and files to run.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Builder, BUILDERS } from "../npm_package/builders.ts";
import { oneOf } from "./one_of.ts";
import { type Runtime, RUNTIMES } from "./runners.ts";

/** The parts of the gate, in the order in which they run. */
export const PARTS = ["checks", "tests", "package"] as const;

/** One of {@link PARTS}. */
export type Part = typeof PARTS[number];

/** The selected work. */
export interface Selection {
  readonly parts: readonly Part[];
  /** Test files by runtime; a runtime that has none is left out. */
  readonly tests: ReadonlyMap<Runtime, readonly string[]>;
  /** Test files of the built package. */
  readonly packageTests: readonly string[];
  /** `true` if files were selected by name. */
  readonly narrowed: boolean;
  /** The builder of the package, if one was asked for. */
  readonly builder: Builder | undefined;
}

/** Tests of the project's own tools, which are Node programs. */
const TOOLING = "tests/tooling/";
/** Tests of the built package, which are a part of their own. */
const PACKAGE = "tests/package/";

/**
 * Reads the command line.
 *
 * @param files All test files.
 * @throws {RangeError} If it selects something unknown, or nothing.
 */
export function select(args: readonly string[], files: readonly string[]): Selection {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { only: { type: "string" }, runtime: { type: "string" }, builder: { type: "string" } },
    allowPositionals: true,
  });
  const part = oneOf(PARTS, values.only, "--only");
  const runtime = oneOf(RUNTIMES, values.runtime, "--runtime");
  const wanted = positionals.map((path) => path.replaceAll("\\", "/").replace(/^\.\//, ""));
  const unknown = wanted.find((positional) => !files.some((path) => path.includes(positional)));
  if (unknown !== undefined) throw new RangeError(`No test file has ${unknown} in its path`);

  const narrowed = wanted.length > 0;
  const chosen = files.filter((path) => !narrowed || wanted.some((positional) => path.includes(positional)));
  const packageTests = chosen.filter((path) => path.startsWith(PACKAGE));
  const tests = testsByRuntime(chosen, runtime === undefined ? RUNTIMES : [runtime]);
  const parts = part !== undefined
    ? [part]
    : narrowed
    ? partsOf(tests, packageTests)
    : runtime !== undefined
    ? ["tests" as const]
    : PARTS;
  const empty = { checks: false, tests: tests.size === 0, package: packageTests.length === 0 };
  if (parts.every((one) => empty[one])) throw new RangeError(`Nothing to run for: ${args.join(" ")}`);
  const run = parts.flatMap((one) =>
    one === "tests" ? [...tests.values()].flat() : one === "package" ? packageTests : []
  );
  const idle = wanted.find((positional) => !run.some((path) => path.includes(positional)));
  if (idle !== undefined) throw new RangeError(`${idle} would not be run: ${args.join(" ")}`);
  return { parts, tests, packageTests, narrowed, builder: oneOf(BUILDERS, values.builder, "--builder") };
}

function testsByRuntime(files: readonly string[], runtimes: readonly Runtime[]): Map<Runtime, readonly string[]> {
  const everywhere = files.filter((path) => !path.startsWith(PACKAGE) && !path.startsWith(TOOLING));
  const tooling = files.filter((path) => path.startsWith(TOOLING));
  const byRuntime = runtimes.map((runtime) =>
    [runtime, runtime === "node" ? [...everywhere, ...tooling] : everywhere] as const
  );
  return new Map(byRuntime.filter(([, chosen]) => chosen.length > 0));
}

function partsOf(tests: ReadonlyMap<Runtime, unknown>, packageTests: readonly string[]): Part[] {
  return [...(tests.size > 0 ? ["tests" as const] : []), ...(packageTests.length > 0 ? ["package" as const] : [])];
}
