/**
 * Plays seeds against deliberate bugs: `npm run simulate -- --mutations [--only TEXT] [--seeds 2000]`. A bundle of the
 * simulation is made for each bug, with one place of the sources replaced.
 *
 * @module
 */

import type { Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { run } from "../gate/process.ts";
import { bundled } from "./bundle.ts";
import { type Mutation, MUTATIONS } from "./mutations.ts";

const TIMEOUT = 1_200_000;

/** Plays seeds against each bug; resolves with the number of bugs that were not found. */
export async function mutate(entry: string, command: readonly string[], seeds: number, only: string): Promise<number> {
  let missed = 0;
  console.log("| Bug | File | Found by seed | Invariant |\n| --- | --- | --- | --- |");
  for (const mutation of MUTATIONS.filter(({ name }) => name.includes(only))) {
    const [program, ...before] = command;
    const { output } = await bundled(entry, (file) => {
      return run(program!, [...before, file, "1", `${seeds}`, "0", "quick"], { timeout: TIMEOUT });
    }, pluginFor(mutation));
    const [, seed, invariant] = /^seed (\d+) failed: ([a-z-]+)/m.exec(output) ?? [];
    if (seed === undefined) missed++;
    console.log(`| ${mutation.name} | \`${mutation.file}\` | ${seed ?? "none"} | \`${invariant ?? "-"}\` |`);
  }
  return missed;
}

/** Returns a file with its bug. */
export function mutated(text: string, { name, from, to }: Mutation): string {
  if (text.split(from).length !== 2) throw new Error(`"${name}": its text must occur exactly once`);
  return text.replace(from, () => to);
}

/** Puts the bug into its file. */
function pluginFor(mutation: Mutation): Plugin {
  return {
    name: "mutation",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!path.endsWith(`/src/${mutation.file}`)) return undefined;
        return { contents: mutated(readFileSync(path, "utf8"), mutation), loader: "ts" };
      });
    },
  };
}
