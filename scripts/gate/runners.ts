/**
 * Runs test files on a runtime and reads the report. A runner that crashes, hangs or runs no test counts as failed.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { readJunit, type TestCase } from "./junit.ts";
import { processesOf, writePrograms } from "./node_processes.ts";
import { installed, type Outcome, run } from "./process.ts";
import type { StepResult } from "./report.ts";

/** The runtimes on which the suite runs. */
export const RUNTIMES = ["deno", "bun", "node"] as const;

/** One of {@link RUNTIMES}. */
export type Runtime = typeof RUNTIMES[number];

/** Arguments with which Deno finds `@std/…`: the stand-ins, or JSR if `USE_JSR=1` says that it is reachable. */
export const IMPORT_MAP: readonly string[] = process.env.USE_JSR === "1"
  ? []
  : ["--import-map", "tests/support/import_map.json"];

type CommandLine = (
  files: readonly string[],
  report: string,
) => readonly [command: string, ...args: string[]];

/** Processes at a time. The machines have two cores, and the tests wait more than they compute. */
const AT_A_TIME = 3;

const COMMANDS: Readonly<Record<Runtime, CommandLine>> = {
  deno: (files, report) => [
    installed("deno"),
    ...[
      "test",
      "--allow-all",
      "--no-check",
      "--parallel",
      `--junit-path=${report}`,
      ...IMPORT_MAP,
      ...files,
    ],
  ],
  bun: (files, report) => [
    installed("bun"),
    ...[
      "test",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files.map((file) => `./${file}`),
    ],
  ],
  node: (files, report) => [
    process.execPath,
    ...["--import", "tsx", "--test", `--test-concurrency=${AT_A_TIME}`],
    ...["--test-reporter=junit", `--test-reporter-destination=${report}`],
    ...["--test-reporter=spec", "--test-reporter-destination=stdout", ...files],
  ],
};

/** Number of test files per `bun test`. */
const BUN_FILES = 16;
/** Messages of the harness about the end of a process (`tests/support/node_tests.ts`). */
const LAST_WORDS = /^(?:Leak: |The process ended before )/;

/** Runs test files on a runtime. */
export function runTests(
  runtime: Runtime,
  files: readonly string[],
  timeout: number,
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  // Without files, every runner would look for its own.
  if (files.length === 0) {
    const failure = { name: "No test file was selected", detail: "" };
    return Promise.resolve({ passed: 0, failures: [failure], skipped: [] });
  }
  const end = performance.now() + timeout;
  const share = (part: readonly string[], programs?: ReadonlyMap<string, readonly string[]>) =>
    withReport((report) => {
      const [command, ...args] = COMMANDS[runtime](part, report);
      return run(command, args, {
        timeout: Math.max(1, end - performance.now()),
        env: { DENO_JOBS: `${AT_A_TIME}`, ...env },
      });
    }, programs);
  if (runtime === "bun") return inParts(files, (part) => share(part));
  if (runtime === "deno") return share(files);
  return withFolder((folder) => {
    const programs = writePrograms(folder, processesOf(files));
    return share([...programs.keys()], programs);
  });
}

/**
 * Bun runs one file after the other, so several processes run the parts, each taking the next one, as the other runners
 * do by themselves.
 */
async function inParts(
  files: readonly string[],
  share: (part: readonly string[]) => Promise<StepResult>,
): Promise<StepResult> {
  const parts: string[][] = [];
  for (let i = 0; i < files.length; i += BUN_FILES) parts.push(files.slice(i, i + BUN_FILES));
  const results: StepResult[] = [];
  const worker = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) results.push(await share(part));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failures: results.flatMap(({ failures }) => failures),
    skipped: results.flatMap(({ skipped }) => skipped),
  };
}

/** Runs the code examples in doc comments and Markdown files, on Deno. */
export function runDocExamples(
  files: readonly string[],
  timeout: number,
): Promise<StepResult> {
  return withReport((report) =>
    run(
      installed("deno"),
      [
        "test",
        "--doc",
        "--allow-all",
        `--junit-path=${report}`,
        ...IMPORT_MAP,
        ...files,
      ],
      { timeout },
    )
  );
}

function withReport(
  runner: (report: string) => Promise<Outcome>,
  programs?: ReadonlyMap<string, readonly string[]>,
): Promise<StepResult> {
  return withFolder(async (folder) => {
    const report = join(folder, "report.xml");
    const outcome = await runner(report);
    return judge(readReport(report).map((one) => explained(one, outcome, programs)), outcome);
  });
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

/** Explains the failure of a whole process: the files that it ran, and the message of the harness about its end. */
function explained(one: TestCase, { output }: Outcome, programs?: ReadonlyMap<string, readonly string[]>): TestCase {
  const program = [...programs ?? []].find(([path]) => one.name.endsWith(basename(path)) && path.endsWith(one.name));
  if (program === undefined) return one;
  const said = output.split("\n").filter((line) => LAST_WORDS.test(line));
  return { ...one, name: `The process of ${program[1].join(", ")}`, detail: [...said, one.detail].join("\n") };
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
function judge(
  cases: readonly TestCase[],
  outcome: Outcome,
): StepResult {
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
    failures.push({ name: crash, detail: outcome.output });
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
