/**
 * Holds documents, doc comments, comments and error messages to the project's words (`scripts/prose/terms.ts`).
 *
 * Run with `npx tsx scripts/check_prose.ts [--write] [FILE…]`. Files that were written before these rules have a number of
 * problems in `scripts/prose/to_do.json`, which may only shrink; `--write` lowers it.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { documents, publishedRoots, ROOT, sourceFiles } from "./gate/source_files.ts";
import { judge, type ProseProblem } from "./prose/judge.ts";
import { proseOfCode, proseOfMarkdown } from "./prose/prose_of.ts";

const TO_DO = join(ROOT, "scripts/prose/to_do.json");

/** The problems of a text, in the order of its lines. */
export function problemsOf(path: string, text: string): ProseProblem[] {
  const prose = path.endsWith(".md") ? proseOfMarkdown(text) : proseOfCode(text);
  return prose.flatMap(judge);
}

/** What is over the number that each file may have, as lines for people. */
export function overdrawn(
  found: Readonly<Record<string, readonly ProseProblem[]>>,
  allowed: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(found)
    .filter(([path, problems]) => problems.length > (allowed[path] ?? 0))
    .flatMap(([path, problems]) => {
      const debt = allowed[path] ?? 0;
      const more = debt > 0
        ? [`${path}: ${problems.length} problems, ${debt} before; mend at least the difference`]
        : [];
      return [...more, ...problems.map(({ line, message }) => `${path}:${line}: ${message}`)];
    });
}

function main(): void {
  const { values: { write }, positionals } = parseArgs({
    options: { write: { type: "boolean" } },
    allowPositionals: true,
  });
  const allowed = JSON.parse(readFileSync(TO_DO, "utf8")) as Record<string, number>;
  const all = [
    "CHANGELOG.md",
    ...documents(),
    ...sourceFiles([...publishedRoots(), "examples"], ".ts").filter((path) => !path.endsWith(".d.ts")),
  ];
  const paths = all.filter((path) => positionals.length === 0 || positionals.some((part) => path.includes(part)));
  const found = Object.fromEntries(
    paths.map((path) => [path, problemsOf(path, readFileSync(join(ROOT, path), "utf8"))]),
  );
  if (write) {
    const lower = Object.entries(allowed)
      .map(([path, count]) => [path, Math.min(count, found[path]?.length ?? (all.includes(path) ? count : 0))] as const)
      .filter(([, count]) => count > 0);
    writeFileSync(TO_DO, `${JSON.stringify(Object.fromEntries(lower), null, 2)}\n`);
  }
  const lines = positionals.length > 0 ? overdrawn(found, {}) : overdrawn(found, allowed);
  for (const line of lines) console.error(line);
  const debt = Object.values(allowed).reduce((sum, count) => sum + count, 0);
  console.log(`${lines.length} problems in ${paths.length} files; ${debt} are left from before`);
  if (lines.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
