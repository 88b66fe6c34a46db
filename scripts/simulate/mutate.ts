/**
 * Plays against deliberate bugs: `npm run simulate -- --mutations` and `npm run model -- --mutations`, with `--only TEXT`
 * for some of them. A bundle of the program is made for each bug, with one place of the sources replaced.
 *
 * @module
 */

import type { Plugin } from "esbuild";
import { readFileSync } from "node:fs";
import { run } from "../gate/process.ts";
import { bundled } from "./bundle.ts";
import type { Mutation } from "./mutations.ts";

const TIMEOUT = 1_200_000;

/** A search for bugs. */
export interface Hunt {
  /** The program, with its arguments, and the command that runs it. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly mutations: readonly Mutation[];
  /** Matches its output if it has found the bug; the groups are shown. */
  readonly found: RegExp;
  /** The titles of these groups. */
  readonly titles: readonly string[];
}

/** Plays against each bug; resolves with the number of bugs that were not found. */
export async function mutate({ entry, args, command, mutations, found, titles }: Hunt): Promise<number> {
  let missed = 0;
  console.log(`| Bug | File | ${titles.join(" | ")} |\n| --- | --- |${" --- |".repeat(titles.length)}`);
  for (const mutation of mutations) {
    const [program, ...before] = command;
    const { output } = await bundled(entry, (file) => {
      return run(program!, [...before, file, ...args], { timeout: TIMEOUT });
    }, pluginFor(mutation));
    const match = found.exec(output);
    if (match === null) missed++;
    const shown = match?.slice(1) ?? ["none"];
    console.log(`| ${mutation.name} | \`${mutation.file}\` | ${shown.join(" | ")} |`);
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
