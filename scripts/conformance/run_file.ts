/**
 * Runs one test file of zeromq.js with mocha, in a process of its own: a file that hangs or crashes costs no other.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { installed, run } from "../gate/process.ts";

/** The runtimes. */
export const RUNTIMES = ["node", "bun", "deno"] as const;
/** One of them. */
export type Runtime = (typeof RUNTIMES)[number];

/** A test that failed. */
export interface Failure {
  readonly title: string;
  readonly message: string;
}

/** The result of a file. */
export interface FileResult {
  readonly path: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

/** The used part of mocha's JSON report. */
interface Report {
  readonly stats: { readonly passes: number; readonly pending: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

/** As in zeromq.js's own configuration. */
const MOCHA = ["--reporter", "json", "--exit", "--timeout", "6000", "--retries", "3"];
const TIMEOUT = 120_000;

const COMMANDS: Readonly<Record<Runtime, (script: string) => [string, string[]]>> = {
  node: (script) => [process.execPath, ["--expose-gc", script]],
  bun: (script) => [installed("bun"), ["--expose-gc", script]],
  deno: (script) => [installed("deno"), ["run", "-A", "--no-config", "--v8-flags=--expose-gc", script]],
};

/** Runs a file of the prepared folder. */
export async function runFile(runtime: Runtime, folder: string, path: string): Promise<FileResult> {
  const output = join(folder, `${runtime}-${path.replaceAll(/[\\/]/g, "-")}.json`);
  const [command, args] = COMMANDS[runtime](join(folder, "mocha.cjs"));
  const result = await run(command, [...args, ...MOCHA, "--reporter-option", `output=${output}`, path], {
    cwd: folder,
    timeout: TIMEOUT,
    // Without the first the suites of version 5 are empty; the second leaves out what compiles zeromq.js's declarations.
    env: { INCLUDE_COMPAT_TESTS: "true", EXCLUDE_TYPINGS_COMPAT_TESTS: "true" },
  });
  if (!existsSync(output)) {
    const message = result.timedOut ? `not done within ${TIMEOUT} ms` : result.output.trim().slice(-800);
    return { path, passed: 0, skipped: 0, failures: [{ title: "(the whole file)", message }] };
  }
  const { stats, failures } = JSON.parse(readFileSync(output, "utf8")) as Report;
  return {
    path,
    passed: stats.passes,
    skipped: stats.pending,
    failures: failures.map(({ fullTitle, err }) => ({ title: fullTitle, message: err.message ?? "no message" })),
  };
}
