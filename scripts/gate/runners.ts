/**
 * Runs test files on a runtime and reads the report. A runner that crashes, hangs or runs no test counts as failed.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { readJunit, type TestCase } from "./junit.ts";
import type { NodeTests } from "./node_tests.ts";
import { installed, type Outcome, run } from "./process.ts";
import type { StepResult } from "./report.ts";
import type { Slot } from "./slots.ts";
import { ROOT } from "./source_files.ts";
import { processesOf } from "./test_processes.ts";

/** The runtimes on which the suite runs. */
export const RUNTIMES = ["deno", "bun", "node"] as const;

/** One of {@link RUNTIMES}. */
export type Runtime = typeof RUNTIMES[number];

/** Arguments with which Deno finds `@std/…`: the stand-ins, or JSR if `USE_JSR=1` says that it is reachable. */
export const IMPORT_MAP: readonly string[] = process.env.USE_JSR === "1"
  ? []
  : ["--import-map", "tests/support/import_map.json"];

type CommandLine = (files: readonly string[], report: string) => readonly [command: string, ...args: string[]];

const NODE_REPORTS = (report: string) => [
  ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
  ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
];

/**
 * Runs one process: its files, or on Deno and Node the program that imports them. On Deno not with `--parallel`, which runs
 * files as threads of one process: Deno 2.9.5 closes the file descriptor of a Unix socket of `node:net` twice, and the second
 * time it may be that of a listener which another thread has just opened.
 */
const COMMANDS: Readonly<Record<Runtime, CommandLine>> = {
  deno: (files, report) => [
    installed("deno"),
    ...["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...IMPORT_MAP, ...files],
  ],
  bun: (files, report) => [
    installed("bun"),
    ...["test", "--reporter=junit", `--reporter-outfile=${report}`, ...files.map((file) => `./${file}`)],
  ],
  // The parent of a test process: it reports what there was when that ends too early.
  node: (files, report) => [process.execPath, "--enable-source-maps", "--test", ...NODE_REPORTS(report), ...files],
};

/** Messages of the harness about the end of a process (`tests/support/node_tests.ts`). */
const LAST_WORDS = /^(?:Leak: |The process ended before )/;

/** The name of a program that {@link runTests} has written. */
const PROGRAM = /(?:^|[\\/])\d{3}\.mjs$/;

/** Settings of {@link runTests}. */
export interface TestRun {
  /** Milliseconds after which everything that still runs is killed. */
  readonly timeout: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: all processes at once. */
  readonly slot?: Slot;
  /** JavaScript of the files for Node; without it they run with tsx. */
  readonly made?: NodeTests;
}

/** Runs test files on a runtime, in processes that several of them share. */
export function runTests(runtime: Runtime, files: readonly string[], settings: TestRun): Promise<StepResult> {
  // Without files, every runner would look for its own.
  if (files.length === 0) {
    const failure = { name: "No test file was selected", detail: "" };
    return Promise.resolve({ passed: 0, failures: [failure], skipped: [] });
  }
  const { timeout, env = {}, slot = (job) => job(), made } = settings;
  const end = performance.now() + timeout;
  return withFolder(async (folder) => {
    const results = processesOf(runtime, files).map((files, i) =>
      slot(() => {
        const name = join(folder, String(i).padStart(3, "0"));
        const program = runtime === "bun" ? files : [writeProgram(runtime, name, files, made)];
        return reportOf(`${name}.xml`, files, (report) => {
          const [command, ...args] = COMMANDS[runtime](program, report);
          return run(command, args, { timeout: Math.max(1, end - performance.now()), env });
        });
      })
    );
    return together(await Promise.all(results));
  });
}

/** Writes the program that runs the files of a process, and returns its path. */
function writeProgram(runtime: "deno" | "node", name: string, files: readonly string[], made?: NodeTests): string {
  const path = name + (runtime === "deno" ? ".ts" : ".mjs");
  writeFileSync(path, runtime === "deno" ? denoProgram(files) : nodeProgram(files, made));
  return path;
}

function denoProgram(files: readonly string[]): string {
  return files.map((path) => `import ${JSON.stringify(urlOf(path))};\n`).join("");
}

function nodeProgram(files: readonly string[], made?: NodeTests): string {
  const programs = files.map((path) => made?.find(path));
  const runner = "tests/support/node_tests.ts";
  // One file on tsx, all on tsx: they share the modules of the library.
  const tsx = programs.includes(undefined);
  const modules = files.map((path, i) => [path, urlOf(tsx ? path : programs[i]!)] as const);
  const start = tsx ? `import "${import.meta.resolve("tsx")}";\n` : "";
  return `${start}const { runFiles } = await import(${JSON.stringify(urlOf(tsx ? runner : made!.find(runner)!))});
await runFiles(${JSON.stringify(modules)});\n`;
}

function urlOf(path: string): string {
  return pathToFileURL(resolve(ROOT, path)).href;
}

function together(results: readonly StepResult[]): StepResult {
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failures: results.flatMap(({ failures }) => failures),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** Runs a process that writes a report, and judges both. */
async function reportOf(
  report: string,
  files: readonly string[],
  runner: (report: string) => Promise<Outcome>,
): Promise<StepResult> {
  const outcome = await runner(report);
  return judge(readReport(report).map((one) => explained(one, outcome, files)), outcome, files);
}

/** Explains the failure of a process as a whole, which Node reports as a test with the program's path. */
function explained(one: TestCase, outcome: Outcome, files: readonly string[]): TestCase {
  if (one.state !== "failed" || !PROGRAM.test(one.name)) return one;
  return { ...one, name: nameOf(files), detail: [...lastWords(outcome), one.detail].join("\n") };
}

function nameOf(files: readonly string[]): string {
  return `The process of ${files.join(", ")}`;
}

function lastWords({ output }: Outcome): string[] {
  return output.split("\n").filter((line) => LAST_WORDS.test(line));
}

async function withFolder(body: (folder: string) => Promise<StepResult>): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-gate-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await body(folder);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

function readReport(path: string): TestCase[] {
  try {
    return readJunit(readFileSync(path, "utf8"));
  } catch {
    // The runner ended before it wrote a report; its exit code or its silence shows that.
    return [];
  }
}

/** Converts a report and the end of its runner into a result. */
function judge(cases: readonly TestCase[], outcome: Outcome, files: readonly string[]): StepResult {
  const failures = cases
    .filter(({ state }) => state === "failed")
    .map(({ name, detail }) => ({ name, detail }));
  const emptyFiles = cases.filter(isEmptyFile).map(({ name }) => ({
    name,
    detail: "The file declares no test",
  }));
  failures.push(...emptyFiles);
  const crash = crashOf(cases, failures.length, outcome);
  // The output of the runner: failures that a report cannot contain (a file that failed to load, a leak on Node) are
  // only there.
  if (crash !== undefined) {
    failures.push({ name: nameOf(files), detail: [crash, ...lastWords(outcome), outcome.output].join("\n") });
  }
  return {
    passed: cases.filter(({ state }) => state === "passed").length -
      emptyFiles.length,
    failures,
    skipped: cases.filter(({ state }) => state === "skipped").map(({ name }) => name),
  };
}

/** Node reports a file without tests as a test that passed and has the file's name. */
function isEmptyFile({ name, state }: TestCase): boolean {
  return state === "passed" && name.endsWith("_test.ts");
}

function crashOf(
  cases: readonly TestCase[],
  failed: number,
  outcome: Outcome,
): string | undefined {
  if (outcome.timedOut) return "The runner did not end in time";
  if (cases.length === 0) {
    return `The runner ran no tests (exit code ${outcome.code})`;
  }
  if (outcome.code === null) return "The runner was killed";
  if (outcome.code !== 0 && failed === 0) {
    return `The runner ended with exit code ${outcome.code}`;
  }
  return undefined;
}
