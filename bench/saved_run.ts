/**
 * A saved run with everything that is needed to judge it later: machine, versions, options, and all values.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import process from "node:process";
import { type PartyName, ROOT, runSource } from "./peers/party.ts";
import type { Row } from "./results.ts";

const FORMAT = 1;

/** The saved data. */
export interface SavedRun {
  readonly format: typeof FORMAT;
  /** Time at which it started. */
  readonly date: string;
  /** The arguments of `npm run bench --`. */
  readonly args: readonly string[];
  /** Commit of this repository, with a `+` if there were uncommitted changes. */
  readonly commit: string;
  readonly machine: string;
  /** Load average of the minute before it started; near 0 on an idle machine. */
  readonly load: number;
  /** Versions by runtime and peer. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** Writes a run to a file. */
export function saveRun(path: string, run: SavedRun): void {
  writeFileSync(path, `${JSON.stringify(run, undefined, 1)}\n`);
}

/** Reads a run from a file. */
export function loadRun(path: string): SavedRun {
  const run = JSON.parse(readFileSync(path, "utf8")) as SavedRun;
  if (run.format !== FORMAT) throw new Error(`Cannot read ${path}: it is not a run that this version has saved`);
  return run;
}

/** Describes a run that starts now, without its rows. `libzmq` is the version of the C library. */
export function describeRun(
  args: readonly string[],
  rounds: number,
  libzmq: string | undefined,
): Omit<SavedRun, "rows"> {
  return {
    format: FORMAT,
    date: new Date().toISOString(),
    args,
    commit: commit(),
    machine: machine(),
    load: loadavg()[0]!,
    versions: {
      "Deno": versionOf("deno"),
      "Bun": versionOf("bun"),
      "Node": process.versions.node,
      "zeromq.js": (JSON.parse(readFileSync(`${ROOT}/node_modules/zeromq/package.json`, "utf8")) as { version: string })
        .version,
      ...(libzmq === undefined ? {} : { "libzmq in C": libzmq }),
    },
    rounds,
  };
}

/** Describes a run in one or two sentences. */
export function introduce({ args, commit, date, load, machine, rounds, versions }: Omit<SavedRun, "rows">): string {
  const command = ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
  const who = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `\`${command}\` at commit ${commit} on ${date.slice(0, 10)}, ${rounds} ${
    rounds === 1 ? "round" : "rounds"
  }; ` +
    `${machine}, load ${load.toFixed(1)} before it began; ${who}.`;
}

function machine(): string {
  const all = cpus();
  return `${all.length} × ${
    all[0]?.model.trim() ?? "unknown processor"
  }, ${process.platform} ${release()} ${process.arch}`;
}

function versionOf(runtime: PartyName): string {
  const [command] = runSource(runtime, "");
  return execFileSync(command, ["--version"], { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)?.[0] ?? "unknown";
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${changed ? "+" : ""}`;
  } catch {
    return "unknown";
  }
}
