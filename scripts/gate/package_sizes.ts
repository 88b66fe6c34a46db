/**
 * Holds the built npm package to `npm_package/size_limits.mjs`, by size-limit.
 *
 * @module
 */

import { pack } from "./npm_pack.ts";
import { installed, type Outcome, run } from "./process.ts";
import type { StepResult } from "./report.ts";

/** The report of size-limit about one size, in bytes. */
interface Size {
  readonly name: string;
  readonly passed: boolean;
  readonly size: number;
  readonly sizeLimit: number;
}

const TIMEOUT = 600_000;
const LIMITS = "scripts/npm_package/size_limits.mjs";

/** Measures what is in `npm/`, and leaves its tarball there. */
export async function measureSizes(): Promise<StepResult> {
  await pack(["./npm", "--pack-destination", "npm"], { timeout: TIMEOUT });
  return judgeSizes(await run(installed("size-limit"), ["--json", "--config", LIMITS], { timeout: TIMEOUT }));
}

/** Parses the report of size-limit: one figure per line, and the sizes over their limits. */
export function judgeSizes({ code, stdout, output }: Outcome): StepResult {
  const sizes = readSizes(stdout);
  const notes = sizes.map(({ name, size, sizeLimit }) => `${name}: ${kb(size)}, at most ${kb(sizeLimit)}`);
  const failures = notes.filter((_, i) => !sizes[i]!.passed).map((name) => ({ name, detail: "" }));
  if (failures.length === 0 && (code !== 0 || sizes.length === 0)) {
    failures.push({ name: `size-limit could not measure (exit code ${code})`, detail: output });
  }
  return { passed: failures.length === 0 ? 1 : 0, failures, skipped: [], notes };
}

function readSizes(json: string): readonly Size[] {
  try {
    const sizes = JSON.parse(json) as unknown;
    // Where it could not measure it reports an error instead.
    return Array.isArray(sizes) ? sizes as Size[] : [];
  } catch {
    return [];
  }
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
