/**
 * Plays seeds against deliberate bugs: `npm run simulate -- --mutations [--only TEXT] [--seeds 2000]`. A bundle of the
 * simulation is made for each bug, with one place of the sources replaced.
 *
 * @module
 */

import { build, type Plugin } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../gate/process.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";

const TIMEOUT = 1_200_000;

/** Plays seeds against each bug; resolves with the number of bugs that were not found. */
export async function mutate(entry: string, command: readonly string[], seeds: number, only: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-mutant-"));
  let missed = 0;
  console.log("| Bug | File | Found by seed | Invariant |\n| --- | --- | --- | --- |");
  try {
    for (const mutation of MUTATIONS.filter(({ name }) => name.includes(only))) {
      const outfile = join(folder, "mutant.mjs");
      await bundle(entry, outfile, mutation);
      const [program, ...before] = command;
      const args = [...before, outfile, "1", `${seeds}`, "0", "quick"];
      const { output } = await run(program!, args, { timeout: TIMEOUT });
      const [, seed, invariant] = /^seed (\d+) failed: ([a-z-]+)/m.exec(output) ?? [];
      if (seed === undefined) missed++;
      console.log(`| ${mutation.name} | \`${mutation.file}\` | ${seed ?? "none"} | \`${invariant ?? "-"}\` |`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return missed;
}

/** Returns a file with its bug. */
export function mutated(text: string, { name, from, to }: Mutation): string {
  if (text.split(from).length !== 2) throw new Error(`"${name}": its text must occur exactly once`);
  return text.replace(from, () => to);
}

async function bundle(entry: string, outfile: string, mutation: Mutation): Promise<void> {
  const plugin: Plugin = {
    name: "mutation",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!path.endsWith(`/src/${mutation.file}`)) return undefined;
        return { contents: mutated(readFileSync(path, "utf8"), mutation), loader: "ts" };
      });
    },
  };
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    plugins: [plugin],
  });
}
