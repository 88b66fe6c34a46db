/**
 * Fuzzes on this runtime; started by `npm run fuzz` (`scripts/fuzz.ts`), which explains the arguments.
 *
 * @module
 */

import process from "node:process";
import { addToCorpus, fromHex, readCorpus } from "./corpus.ts";
import { Coverage } from "./coverage.ts";
import { type Failure, failureOf, Fuzzer, report } from "./fuzzer.ts";
import { grow } from "./grow.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

const BATCH = 256;
const PROGRESS_EVERY = 10_000;

interface Job {
  readonly targets: readonly string[];
  readonly seed: number;
  /** Inputs per target. */
  readonly inputs: number;
  /** Minutes per target. */
  readonly minutes: number;
  readonly input?: string;
  readonly grow: boolean;
}

const job = JSON.parse(process.argv[2]!) as Job;
let failed = 0;
// Most inputs are rejected with an error, and its stack takes longer than all the rest. A failure is run again with it.
Error.stackTraceLimit = 0;

function fail(target: Target, failure: Failure): void {
  failed++;
  Error.stackTraceLimit = 20;
  console.log(report(target, { ...failure, error: failureOf(target, failure.input) ?? failure.error }));
  Error.stackTraceLimit = 0;
}

async function fuzz(target: Target): Promise<void> {
  const fuzzer = new Fuzzer(target, readCorpus(target.name), job.seed);
  const started = performance.now();
  const end = job.minutes > 0 ? started + job.minutes * 60_000 : Infinity;
  const cpu = process.cpuUsage();
  let done = fuzzer.known.length;
  let found = fuzzer.runKnown();
  const coverage = job.grow ? await Coverage.open() : undefined;
  const fresh: Uint8Array[] = [];
  if (coverage !== undefined) { for (const input of fuzzer.known) grow(target, coverage, [input]); }
  let told = started;
  while (found === undefined && done < job.inputs && performance.now() < end) {
    const count = Math.min(BATCH, job.inputs - done);
    if (coverage === undefined) {
      found = fuzzer.run(count);
    } else {
      const batch = Array.from({ length: count }, () => fuzzer.make());
      const { kept, failing } = grow(target, coverage, batch);
      fuzzer.known.push(...kept);
      fresh.push(...kept);
      if (failing !== undefined) found = fuzzer.check(failing);
    }
    done += count;
    if (performance.now() - told < PROGRESS_EVERY) continue;
    told = performance.now();
    console.error(`${target.name}: ${done} inputs, ${fuzzer.known.length} known`);
  }
  coverage?.close();
  if (fresh.length > 0) addToCorpus(target.name, fresh);
  if (found !== undefined) fail(target, found);
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round(done / ((user + system) / 1_000_000));
  const grown = job.grow ? `, ${fresh.length} added to the corpus` : "";
  console.log(
    `${target.name}: ${done} inputs with seed ${job.seed}, ${found === undefined ? "none" : "1"} failed, ` +
      `${rate} per second of CPU time${grown}`,
  );
}

for (const name of job.targets) {
  const target = TARGETS.get(name)!;
  if (job.input === undefined) {
    await fuzz(target);
    continue;
  }
  const failure = new Fuzzer(target, [], 0).check(fromHex(job.input));
  if (failure === undefined) console.log(`${name}: passed`);
  else fail(target, failure);
}
process.exit(failed === 0 ? 0 : 1);
