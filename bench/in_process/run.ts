/**
 * Runs all benchmarks of this directory with mitata on the current runtime, and prints a line of JSON.
 *
 * The argument is the minimum duration of each benchmark, in ms of CPU time.
 *
 * @module
 */

import { measure } from "mitata";
import process from "node:process";
import "./codec_bench.ts";
import "./queues_bench.ts";
import "./topics_bench.ts";
import { declared, type InProcessBench, timed } from "./harness.ts";

/** A figure: nanoseconds per operation, the quartiles of the samples. */
export interface InProcessFigure extends Pick<InProcessBench, "group" | "name" | "x"> {
  readonly quartiles: readonly [fast: number, median: number, slow: number];
}

const NS_IN_MS = 1e6;

const figures: InProcessFigure[] = [];
for (const definition of declared) {
  const { group, name, count, x } = definition;
  const run = timed(definition);
  // The first call creates what the others reuse, and mitata would take its time for that of all calls.
  await run();
  const { p25, p50, p75 } = await measure(run, { min_cpu_time: Number(process.argv[2]) * NS_IN_MS });
  const quartiles = [p25 / count, p50 / count, p75 / count] as const;
  figures.push({ group, name, quartiles, ...(x === undefined ? {} : { x }) });
}
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit());
