/**
 * The parties: a runtime with a library, and the command that starts a program of this repository on it.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Library } from "./library.ts";

/** Names of the parties: this library on each runtime, and zeromq.js on Node. */
export const PARTY_NAMES = ["deno", "bun", "node", "zeromq.js"] as const;

/** One of {@link PARTY_NAMES}. */
export type PartyName = typeof PARTY_NAMES[number];

/** A command with its arguments. */
export type CommandLine = readonly [command: string, ...args: string[]];

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** Where programs are put that were made of the sources. */
export const CACHE: string = join(ROOT, "node_modules", ".cache", "monocoque-zmq");

/** The library that a party uses; `entry`: the drop-in instead of this library's own API. */
export async function loadLibrary(party: PartyName, entry = false): Promise<Library> {
  if (party === "zeromq.js") return (await import("./zeromq_js.ts")).zeromqJs;
  if (entry) return (await import("./zeromq_entry.ts")).zeromqEntry;
  return (await import("./monocoque.ts")).monocoque;
}

/**
 * Returns the command line with which a party runs a program unchanged; on Node through tsx. `flags` are for the
 * runtime.
 */
export function runSource(party: PartyName, program: string, flags: readonly string[] = []): CommandLine {
  const path = join(ROOT, program);
  switch (party) {
    case "deno":
      return [installed("deno"), ...DENO_RUN, ...flags, path];
    case "bun":
      return [installed("bun"), ...flags, path];
    case "node":
    case "zeromq.js":
      return [process.execPath, "--import", "tsx", ...flags, path];
  }
}

/**
 * Returns the command line with which a party runs a measured program. Node gets JavaScript, as it would from the
 * package: tsx preserves the names of functions with a `defineProperty` per closure, 7 % of a REQ/REP round trip.
 */
export function runMeasured(party: PartyName, program: string, flags: readonly string[] = []): CommandLine {
  if (party === "deno" || party === "bun") return runSource(party, program, flags);
  return [process.execPath, ...flags, bundle(program)];
}

const DENO_RUN = ["run", "--allow-all", "--no-check", "--quiet", "--import-map", "tests/support/import_map.json"];

const bundled = new Map<string, string>();

/** Turns a program into JavaScript for Node, once. */
function bundle(program: string): string {
  const known = bundled.get(program);
  if (known !== undefined) return known;
  const folder = join(CACHE, program.replaceAll("/", "_"));
  execFileSync(
    installed("bun"),
    [
      "build",
      program,
      "--target=node",
      "--splitting",
      "--external=zeromq",
      "--external=libsodium-sumo",
      `--outdir=${folder}`,
    ],
    { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] },
  );
  const path = join(folder, basename(program).replace(/\.ts$/, ".js"));
  bundled.set(program, path);
  return path;
}

/** A command of the development dependencies. */
export function installed(command: string): string {
  return join(ROOT, "node_modules", ".bin", command);
}
