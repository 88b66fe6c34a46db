/**
 * Finds the inputs that reach code which no known input reaches: they are worth keeping.
 *
 * @module
 */

import type { Coverage } from "./coverage.ts";
import { failureOf } from "./fuzzer.ts";
import { shrink } from "./shrink.ts";
import type { Target } from "./target.ts";

/** Measuring takes milliseconds, so an input is reduced only a little. */
const MOST_RUNS = 100;

/** Inputs that reach new code, and the first one that fails. */
export interface Growth {
  readonly kept: readonly Uint8Array[];
  readonly failing?: Uint8Array | undefined;
}

/** Runs inputs, and returns those that reach new code, reduced as long as they still reach it. */
export function grow(target: Target, coverage: Coverage, inputs: readonly Uint8Array[]): Growth {
  const reached = (input: Uint8Array) => {
    coverage.fresh();
    return failureOf(target, input) === undefined ? coverage.fresh() : [];
  };
  coverage.fresh();
  const failing = inputs.find((input) => failureOf(target, input) !== undefined);
  if (failing !== undefined) return { kept: [], failing };
  if (coverage.fresh().length === 0) return { kept: [] };
  const kept: Uint8Array[] = [];
  for (const input of inputs) {
    const blocks = reached(input);
    if (blocks.length === 0) continue;
    const shorter = shrink(input, (candidate) => {
      const now = new Set(reached(candidate));
      return blocks.every((block) => now.has(block));
    }, MOST_RUNS);
    coverage.add(blocks);
    kept.push(shorter);
  }
  return { kept };
}
