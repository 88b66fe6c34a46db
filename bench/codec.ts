/**
 * Runs the codec's micro-benchmarks on each runtime, and makes a table of them.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import type { Figures } from "./case.ts";
import { type PartyName, ROOT, runMeasured } from "./peers/party.ts";
import { markdownTable, short } from "./table.ts";

/** Nanoseconds each operation takes, a column a runtime. */
export function codecTable(parties: readonly PartyName[]): string {
  const columns = parties.map((party) => {
    const [command, ...args] = runMeasured(party, "bench/codec_bench.ts");
    return JSON.parse(execFileSync(command, args, { cwd: ROOT, encoding: "utf8" })) as Figures;
  });
  const names = Object.keys(columns[0] ?? {});
  return markdownTable(
    ["ns each, median", ...parties],
    names.map((name) => [name, ...columns.map((figures) => short(figures[name]!))]),
  );
}
