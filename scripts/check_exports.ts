/**
 * Compares the exported names of each entry with `npm_package/exported_names.json`, so that every change of the API
 * shows up in a review.
 *
 * Run with `npx tsx scripts/check_exports.ts`; `--write` updates the list.
 *
 * Hand-written: `deno doc` reads the exports, and this script only compares. API Extractor, which reports more,
 * contains its own compiler, older than TypeScript 7.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type ExportedNames, exportedNames } from "./gate/exported_names.ts";
import { entryFiles, ROOT } from "./gate/source_files.ts";

/** By entry: `.`, `./core`, … */
export type ExportsByEntry = Readonly<Record<string, ExportedNames>>;

const LIST = join(ROOT, "scripts/npm_package/exported_names.json");
const RENEW = "npx tsx scripts/check_exports.ts --write";

/** Returns the differences between the exports and the list, as messages. */
export function exportProblems(found: ExportsByEntry, listed: ExportsByEntry): string[] {
  const entries = [...new Set([...Object.keys(found), ...Object.keys(listed)])];
  return entries.flatMap((entry) => {
    const [now, before] = [found[entry] ?? {}, listed[entry] ?? {}];
    const names = [...new Set([...Object.keys(now), ...Object.keys(before)])].sort();
    return names
      .filter((name) => now[name] !== before[name])
      .map((name) => `${entry}: ${name} is ${now[name] ?? "not exported"}, and was ${before[name] ?? "not exported"}`);
  });
}

/** Reads the current exports of all entries. */
export async function readExports(): Promise<ExportsByEntry> {
  const entries = Object.entries(entryFiles());
  const names = await Promise.all(entries.map(([, path]) => exportedNames(path)));
  return Object.fromEntries(entries.map(([entry], i) => [entry, names[i]!]));
}

async function main(): Promise<void> {
  const found = await readExports();
  if (process.argv[2] === "--write") return writeFileSync(LIST, `${JSON.stringify(found, null, 2)}\n`);
  const problems = exportProblems(found, JSON.parse(readFileSync(LIST, "utf8")) as ExportsByEntry);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error(`If that is meant: ${RENEW}`);
  console.log(`${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
