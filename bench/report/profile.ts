/**
 * CPU profiles of the measured processes: the flags that create them, and a table of the most expensive functions.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { markdownTable } from "./table.ts";

/** The used part of a V8 CPU profile, a format that Bun writes too. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SUFFIX = ".cpuprofile";
const ROWS = 16;
/** The functions in which an idle process is found. */
const IDLE = new Set(["(idle)", "(program)"]);

/** The flags with which every runtime writes a profile into `folder`. */
export function profilerFlags(folder: string, name: readonly string[]): string[] {
  const file = name.join("-").replaceAll(/[^\w-]+/g, "_");
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}${SUFFIX}`];
}

/** A table for each profile in the folder: functions by the share of the time that is spent in them. */
export function profileTables(folder: string): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(SUFFIX)).sort();
  return files.map((file) => {
    const profile = JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
    return `${basename(file, SUFFIX)}\n\n${profileTable(profile)}`;
  }).join("\n\n");
}

function profileTable({ nodes, samples, timeDeltas }: CpuProfile): string {
  const names = new Map(nodes.map(({ id, callFrame }) => {
    const place = callFrame.url === "" ? "" : ` (${basename(callFrame.url)}:${callFrame.lineNumber + 1})`;
    return [id, `${callFrame.functionName || "(anonymous)"}${place}`];
  }));
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, i) => {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]!);
    if (!IDLE.has(name)) total += timeDeltas[i]!;
  });
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, ROWS);
  return markdownTable(
    ["self time", "share of busy time"],
    rows.map(([name, time]) => [name, IDLE.has(name) ? "–" : `${(100 * time / total).toFixed(1)} %`]),
  );
}
