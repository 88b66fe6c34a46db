/**
 * Checks documents, issue templates, doc comments, comments, error messages and test names against the project's words
 * (`scripts/prose/terms.ts`).
 *
 * Run with `npx tsx scripts/check_prose.ts [--write] [FILE…]`. `scripts/prose/to_do.json` lists how many problems files
 * may have that were written before a rule; the sum may only shrink, and `--write` lowers it. It is empty when nothing
 * is left to do.
 *
 * Hand-written: remark extracts the prose from Markdown, and retext judges it, as far as they have rules. They have
 * none for a project's own terms, nor for comments. Vale does, but cannot be installed from npm.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { codeRoots, documents, ROOT, sourceFiles } from "./gate/source_files.ts";
import { judge, type ProseProblem } from "./prose/judge.ts";
import { namesOfTests, proseOfCode, proseOfMarkdown, proseOfYaml } from "./prose/prose_of.ts";

/** Files that quote the phrases to avoid: the list of them, and its test. */
const EXAMPLES = ["scripts/prose/terms.ts", "tests/tooling/check_prose_test.ts"];
const TO_DO = join(ROOT, "scripts/prose/to_do.json");

/** Returns the problems of a text, ordered by line. */
export function problemsOf(path: string, text: string): ProseProblem[] {
  if (path.endsWith(".md")) return proseOfMarkdown(text).flatMap(judge);
  if (path.endsWith(".yml")) return proseOfYaml(text).flatMap(judge);
  const names = path.startsWith("tests/") ? namesOfTests(text) : [];
  // In tests such strings are mostly data.
  return [...names, ...proseOfCode(text, !/^(?:tests|bench)\//.test(path))].flatMap(judge).sort((a, b) =>
    a.line - b.line
  );
}

/**
 * Returns the problems that exceed the allowed number, as messages. Files in `allowed` share their numbers, so that
 * code may move from one to another, or to a new file of the same directory; all other files may have no problem.
 */
export function overdrawn(
  found: Readonly<Record<string, readonly ProseProblem[]>>,
  allowed: Readonly<Record<string, number>>,
): string[] {
  const roots = new Set(Object.keys(allowed).map(rootOf));
  const inDebt = (path: string) => roots.has(rootOf(path));
  const entries = Object.entries(found);
  const debt = Object.values(allowed).reduce((sum, count) => sum + count, 0);
  const total = entries.filter(([path]) => inDebt(path)).reduce((sum, [, problems]) => sum + problems.length, 0);
  const over = entries.filter(([path, problems]) =>
    inDebt(path) ? total > debt && problems.length > (allowed[path] ?? 0) : problems.length > 0
  );
  const more = total > debt
    ? [`${total} problems in files still to do, ${debt} allowed: mend at least the difference`]
    : [];
  return [
    ...more,
    ...over.flatMap(([path, problems]) => problems.map(({ line, message }) => `${path}:${line}: ${message}`)),
  ];
}

/** Returns the top directory: `src` for `src/engine/a.ts`. */
function rootOf(path: string): string {
  return path.split("/")[0]!;
}

/** Lists the files that are checked: all documents and all code, issue templates and workflows. */
export function checkedFiles(): string[] {
  const code = [".ts", ".mjs", ".cjs"].flatMap((suffix) => sourceFiles(codeRoots(), suffix));
  return ["CHANGELOG.md", ...documents(), ...sourceFiles([".github"], ".yml"), ...code]
    .filter((path) => !path.endsWith(".d.ts") && !EXAMPLES.includes(path));
}

function main(): void {
  const { values: { write }, positionals } = parseArgs({
    options: { write: { type: "boolean" } },
    allowPositionals: true,
  });
  const allowed = JSON.parse(readFileSync(TO_DO, "utf8")) as Record<string, number>;
  const paths = checkedFiles().filter((path) =>
    positionals.length === 0 || positionals.some((part) => path.includes(part))
  );
  const found = Object.fromEntries(
    paths.map((path) => [path, problemsOf(path, readFileSync(join(ROOT, path), "utf8"))]),
  );
  const lines = positionals.length > 0 ? overdrawn(found, {}) : overdrawn(found, allowed);
  if (write && positionals.length === 0 && lines.length === 0) {
    const left = Object.entries(found).map(([path, { length }]) => [path, length] as const).filter(([, n]) => n > 0);
    writeFileSync(TO_DO, `${JSON.stringify(Object.fromEntries(left), null, 2)}\n`);
  }
  for (const line of lines) console.error(line);
  const debt = Object.values(allowed).reduce((sum, count) => sum + count, 0);
  console.log(`${lines.length} problems in ${paths.length} files; ${debt} are left from before`);
  if (lines.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
