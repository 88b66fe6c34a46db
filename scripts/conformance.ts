/**
 * `npm run conformance -- CHECKOUT [FILE…]`: runs the unit suites of a checkout of zeromq.js against the drop-in entry
 * (docs/migration.md), and prints what passed, failed and was skipped on each runtime, each failure with its class.
 *
 * - `FILE…`: only test files whose path contains one of these.
 * - `--runtime deno|bun|node`: only on this runtime.
 * - `--reference`: against the zeromq of `node_modules`, to compare with.
 * - `--verbose`: prints the error of each failure.
 *
 * The checkout needs `mocha` and `chai`, and what its tests import: `npm install --no-save --ignore-scripts mocha@11
 * chai@4 semver proper-lockfile which` in it. Nothing of it is copied into this repository. The exit code is 0 if every
 * failure has a class.
 *
 * Hand-written: mocha runs the tests. This script copies them, starts mocha once per file and runtime, and adds up.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { classOf, UNEXPECTED } from "./conformance/classes.ts";
import { prepare } from "./conformance/prepare.ts";
import { type FileResult, runFile, RUNTIMES } from "./conformance/run_file.ts";
import { oneOf } from "./gate/one_of.ts";

/** Two at a time: some of the tests measure time. */
const PARALLEL = 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string" },
    reference: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const [checkout, ...parts] = positionals;
if (checkout === undefined) {
  console.error("Usage: npm run conformance -- CHECKOUT [FILE…]");
  process.exit(2);
}
const runtime = oneOf(RUNTIMES, values.runtime, "--runtime");
const folder = mkdtempSync(join(tmpdir(), "zmq-conformance-"));
let unexpected = 0;
try {
  const files = (await prepare(resolve(checkout), folder, values.reference))
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)));
  for (const name of runtime === undefined ? RUNTIMES : [runtime]) {
    const results: FileResult[] = [];
    const waiting = [...files];
    await Promise.all(Array.from({ length: PARALLEL }, async () => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        results.push(await runFile(name, folder, path));
      }
    }));
    report(name, results);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = unexpected === 0 ? 0 : 1;

function report(name: string, results: readonly FileResult[]): void {
  const failures = results.flatMap(({ path, failures }) => failures.map((failure) => ({ path, ...failure })));
  const sum = (count: (result: FileResult) => number) => results.reduce((total, result) => total + count(result), 0);
  const [passed, skipped] = [sum((result) => result.passed), sum((result) => result.skipped)];
  for (const { path, title, message } of failures.sort((a, b) => a.path.localeCompare(b.path))) {
    const why = classOf(name, path, title);
    if (why === UNEXPECTED) unexpected++;
    console.log(`${name}: ${path}: ${title}: ${why}${values.verbose || why === UNEXPECTED ? `\n    ${message}` : ""}`);
  }
  console.log(`${name}: ${passed} passed, ${failures.length} failed, ${skipped} skipped`);
}
