/**
 * Declares a benchmark that runs within one process: `deno bench` finds it by itself, and mitata runs it on any runtime
 * through `run.ts`.
 *
 * @module
 */

import type { Abscissa } from "../results.ts";

/** A benchmark. What is timed happens `count` times in one call. */
export interface InProcessBench {
  readonly group: string;
  readonly name: string;
  readonly count: number;
  /** Where it is on a curve. */
  readonly x?: Abscissa;
  /** What it returns is kept from being optimized away; a promise is waited for. */
  readonly run: (() => number) | (() => Promise<void>);
  /** Whether `run` returns a promise. */
  readonly waits?: boolean;
}

interface DenoBench {
  bench(definition: { group: string; name: string; fn: () => void | Promise<void> }): void;
}

const { Deno } = globalThis as { Deno?: DenoBench };

/** All benchmarks that have been declared. */
export const declared: InProcessBench[] = [];

const sink = { sum: 0 };

/** Declares a benchmark. */
export function bench(definition: InProcessBench): void {
  declared.push(definition);
  const { group, count, name } = definition;
  // `deno run` ignores this. `deno bench` reports the time of a call: the name tells how much that is.
  Deno?.bench({ group, name: count === 1 ? name : `${name} × ${count}`, fn: timed(definition) });
}

/** What is timed. Only functions that are declared as async are waited for, by Deno and by mitata. */
export function timed({ run, waits = false }: InProcessBench): () => void | Promise<void> {
  if (waits) {
    return async () => {
      await run();
    };
  }
  return () => {
    sink.sum += run() as number;
  };
}
