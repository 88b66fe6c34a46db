/**
 * Runs the benchmarks of this directory on each runtime, one after the other.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import type { Metric } from "../case.ts";
import { type PartyName, ROOT, runMeasured } from "../peers/party.ts";
import type { Results } from "../results.ts";
import type { InProcessFigure } from "./run.ts";

/** The folder's name in the ids of its benchmarks. */
export const IN_PROCESS = "in-process";

const METRIC: Metric = { key: "time", unit: "ns", better: "lower" };
/** For how long each benchmark is measured on each runtime, in ms. */
const LONG = 300;
const BRIEF = 30;

/** Adds quartiles, as if they were rounds: these benchmarks are not repeated. */
export function measureInProcess(results: Results, runtimes: readonly PartyName[], quick: boolean): void {
  for (const runtime of runtimes) {
    const [command, ...args] = runMeasured(runtime, "bench/in_process/run.ts");
    const output = execFileSync(command, [...args, String(quick ? BRIEF : LONG)], { cwd: ROOT, encoding: "utf8" });
    for (const { group, name, quartiles, x } of JSON.parse(output) as InProcessFigure[]) {
      const row = {
        case: `${IN_PROCESS} ${group}`,
        title: group,
        point: name,
        api: "batch",
        severalApis: false,
        metric: METRIC,
        headline: false,
        ...(x === undefined ? {} : { x }),
      } as const;
      for (const value of quartiles) results.addValue(row, runtime, value);
    }
  }
}
