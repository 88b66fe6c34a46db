/**
 * Declares a benchmark that runs within one process: `deno bench` finds it by itself, and mitata runs it on any runtime
 * through `run.ts`.
 *
 * @module
 */

import type { Abscissa } from "../results.ts";

/** A benchmark. One call of `run` does the timed work `count` times. */
export interface InProcessBench {
  readonly group: string;
  readonly name: string;
  readonly count: number;
  /** Where it is on a curve. */
  readonly x?: Abscissa;
  /** The result is kept, so that the work is not optimized away; a promise is awaited. */
  readonly run: (() => number) | (() => Promise<void>);
  /** `true` if `run` returns a promise. */
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
  // `deno run` ignores this. `deno bench` reports the time of a call: the name says how many operations that is.
  Deno?.bench({ group, name: count === 1 ? name : `${name} × ${count}`, fn: timed(definition) });
}

/** Returns the function to time. Deno and mitata await only functions that are declared as async. */
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
