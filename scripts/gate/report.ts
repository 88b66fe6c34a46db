/**
 * Prints the results of the gate, one line per step, and adds them up.
 *
 * @module
 */

import { type Slot, slots } from "./slots.ts";

/** Something that went wrong. */
export interface Failure {
  readonly name: string;
  readonly detail: string;
}

/** The result of one step of the gate. */
export interface StepResult {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Names of what was not run, with the reason. */
  readonly skipped: readonly string[];
  /** Lines that are printed even if nothing failed, such as figures. */
  readonly notes?: readonly string[];
}

/** One step of the gate. */
export interface Step {
  readonly name: string;
  /** Runs it; its processes wait for a slot. */
  readonly run: (slot: Slot) => Promise<StepResult>;
  /** A step that writes into the folder of the repository begins when the earlier ones that read it have ended. */
  readonly tree?: "reads" | "writes";
}

const MAX_HEAD_LINES = 60;
const MAX_TAIL_LINES = 40;

/** The sums over all steps. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs the steps beside each other, and prints their results in their order. */
export async function runSteps(
  steps: readonly Step[],
  print: (line: string) => void,
  slot: Slot = slots(),
): Promise<Totals> {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  const begun: Promise<Finished>[] = [];
  for (const [i, step] of steps.entries()) {
    const before = step.tree === "writes" ? begun.filter((_, j) => j < i && steps[j]!.tree === "reads") : [];
    begun.push(Promise.all(before).then(() => timed(step, slot)));
  }
  for (const [i, step] of steps.entries()) {
    const { seconds, result } = await begun[i]!;
    for (const line of describe(step.name, seconds, result)) print(line);
    passed += result.passed;
    failed += result.failures.length;
    skipped += result.skipped.length;
  }
  return { passed, failed, skipped };
}

interface Finished {
  readonly seconds: string;
  readonly result: StepResult;
}

/** Runs a step; the time begins with its first process. */
async function timed(step: Step, slot: Slot): Promise<Finished> {
  let started: number | undefined;
  const result = await step.run((job, ...needs) =>
    slot(() => {
      started ??= performance.now();
      return job();
    }, ...needs)
  ).catch(broken);
  const seconds = started === undefined ? 0 : (performance.now() - started) / 1000;
  return { seconds: seconds.toFixed(1).padStart(6), result };
}

function broken(error: unknown): StepResult {
  const detail = error instanceof Error ? error.stack ?? error.message : String(error);
  return { passed: 0, failures: [{ name: "it could not be run", detail }], skipped: [] };
}

/** The gate's last line. */
export function summary({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

function describe(
  name: string,
  seconds: string,
  { passed, failures, skipped, notes = [] }: StepResult,
): string[] {
  const mark = failures.length === 0 ? "ok  " : "FAIL";
  return [
    `${mark} ${seconds} s  ${name}: ${summary({ passed, failed: failures.length, skipped: skipped.length })}`,
    ...notes.map((note) => `     ${note}`),
    ...skipped.map((entry) => `     skipped  ${entry}`),
    ...failures.flatMap((
      failure,
    ) => [`     failed   ${failure.name}`, ...indent(failure.detail)]),
  ];
}

function indent(detail: string): string[] {
  const lines = detail.trimEnd().split("\n").filter((line) => line.trim() !== "");
  const left = lines.length - MAX_HEAD_LINES - MAX_TAIL_LINES;
  const shown = left > 0
    ? [
      ...lines.slice(0, MAX_HEAD_LINES),
      `… ${left} lines left out`,
      ...lines.slice(-MAX_TAIL_LINES),
    ]
    : lines;
  return shown.map((line) => `       | ${line}`);
}
