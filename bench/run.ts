/**
 * Runs the selected measurements, round by round.
 *
 * Each round measures all parties before the next one starts, so that a temporary load of the machine affects all of
 * them.
 *
 * @module
 */

import process from "node:process";
import { type BenchCase, nameOf } from "./case.ts";
import { measure } from "./measure.ts";
import type { Selection } from "./options.ts";
import { Results } from "./results.ts";

/** The result. */
export interface Run {
  readonly results: Results;
  /** Number of failed measurements; each was reported on stderr. */
  readonly failed: number;
}

/** Runs all selected measurements between processes. */
export async function runCases({ cases, parties, rounds, timing, profiles }: Selection): Promise<Run> {
  const results = new Results();
  let failed = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const bench of cases.filter(({ maxRounds = rounds }) => round <= maxRounds)) {
      for (const variant of bench.variants) {
        progress(`round ${round} of ${rounds}: ${bench.title} ${nameOf(bench, variant)}`);
        for (const party of parties) {
          if (!canRun(bench, party.server, party.client) || !bench.runs(party, variant)) continue;
          try {
            results.add(bench, variant, party.id, await measure({ bench, variant, party, timing, profiles }));
          } catch (error) {
            failed++;
            const what = `${bench.title} ${nameOf(bench, variant)}`;
            console.error(`\n${what} failed on ${party.title}: ${(error as Error).message}`);
          }
        }
      }
    }
  }
  progress("");
  return { results, failed };
}

/** Some benchmarks have no program in C. */
function canRun({ program }: BenchCase, ...hosts: readonly string[]): boolean {
  return program.inC !== undefined || !hosts.includes("libzmq");
}

/** Prints a line that is overwritten; nothing if the output is not a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
