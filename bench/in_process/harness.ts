/**
 * Declares a benchmark that runs inside one process, once for everybody: `deno bench` finds it by itself, and mitata
 * measures it on any runtime by way of `run.ts`.
 *
 * @module
 */

/** A benchmark. What is timed happens `count` times in one call. */
export interface InProcessBench {
  readonly group: string;
  readonly name: string;
  readonly count: number;
  /** Where it is on a curve. */
  readonly x?: { readonly label: string; readonly value: number };
  readonly run: () => unknown;
}

interface DenoBench {
  bench(definition: { group: string; name: string; fn: () => void | Promise<void> }): void;
}

const { Deno } = globalThis as { Deno?: DenoBench };

/** All benchmarks that have been declared. */
export const declared: InProcessBench[] = [];

/** What benchmarks return goes here, so that nothing is optimized away. */
const sink: { last: unknown } = { last: undefined };

/** Declares a benchmark. */
export function bench(definition: InProcessBench): void {
  declared.push(definition);
  const { group, count, name } = definition;
  // `deno run` ignores this. `deno bench` reports the time of a call: the name tells how much that is.
  Deno?.bench({
    group,
    name: count === 1 ? name : `${name} × ${count}`,
    fn: () => runOnce(definition),
  });
}

/** Calls a benchmark once. */
export function runOnce({ run }: InProcessBench): void | Promise<void> {
  const result = run();
  if (result instanceof Promise) return result;
  sink.last = result;
}
