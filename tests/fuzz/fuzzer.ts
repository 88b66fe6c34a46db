/**
 * Runs a target with its corpus and with new inputs, and reduces an input that fails.
 *
 * @module
 */

import { mulberry32 } from "../support/mulberry32.ts";
import { toHex } from "./target.ts";
import type { Target } from "./target.ts";
import { Mutator } from "./mutate.ts";
import { shrink } from "./shrink.ts";

const DEFAULT_MOST = 256;

/** An input for which an invariant does not hold. */
export interface Failure {
  readonly input: Uint8Array;
  readonly error: Error;
}

/** Runs a target with one input. Returns the error, if there is one. */
export function failureOf(target: Target, input: Uint8Array): Error | undefined {
  try {
    target.run(input.slice());
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Makes the inputs of one target. The same seed makes the same inputs from the same known ones. */
export class Fuzzer {
  readonly #target: Target;
  readonly #mutator: Mutator;
  /** Inputs that new ones are made from. */
  readonly known: Uint8Array[];

  constructor(target: Target, corpus: readonly Uint8Array[], seed: number) {
    const random = mulberry32(seed);
    const below = (count: number) => Math.floor(random() * count);
    this.#target = target;
    this.#mutator = new Mutator(below, target.tokens ?? [], target.most ?? DEFAULT_MOST);
    this.known = [...target.seeds, ...corpus];
  }

  /** Makes a new input. */
  make(): Uint8Array {
    return this.#mutator.next(this.known);
  }

  /** Runs this many new inputs. Returns the first failure, reduced. */
  run(count: number): Failure | undefined {
    for (let i = 0; i < count; i++) {
      const input = this.make();
      try {
        this.#target.run(input);
      } catch {
        return this.check(input);
      }
    }
    return undefined;
  }

  /** Runs the known inputs. Returns the first failure, reduced. */
  runKnown(): Failure | undefined {
    for (const input of this.known) {
      const failure = this.check(input);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  /** Runs one input. Returns its failure, reduced. */
  check(input: Uint8Array): Failure | undefined {
    const error = failureOf(this.#target, input);
    if (error === undefined) return undefined;
    const shorter = shrink(input, (candidate) => failureOf(this.#target, candidate)?.name === error.name);
    return { input: shorter, error: failureOf(this.#target, shorter) ?? error };
  }
}

/** Returns a failure with the command that repeats it. */
export function report(target: Target, { input, error }: Failure): string {
  const [first] = (error.stack ?? "").split("\n").filter((line) => line.includes("at ") && line.includes("/src/"));
  const where = first === undefined ? "" : `\n${first}`;
  return `${target.name}: ${error.name}: ${error.message}${where}\n` +
    `npm run fuzz -- --target ${target.name} --input ${toHex(input) || "empty"}`;
}
