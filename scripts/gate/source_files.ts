/**
 * Lists the repository's files, as paths from its root with forward slashes.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/** The files that users import, by the name of the export (`.`, `./core`, …), as `deno.json` has them. */
export function entryFiles(): Readonly<Record<string, string>> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> };
  return Object.fromEntries(Object.entries(exports).map(([name, path]) => [name, path.slice("./".length)]));
}

/** The roots of everything that is published: the entry files and the directories that they import. */
export function publishedRoots(): string[] {
  return [...Object.values(entryFiles()).filter((path) => !path.startsWith("src/")), "src", "transports"];
}

/** The roots of all code: published code and development tools. */
export function codeRoots(): string[] {
  return [...publishedRoots(), "tests", "bench", "scripts", "examples"];
}

/** Documents at the root, where GitHub looks for them. */
const ROOT_PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"];

/** All documents except the changelog. */
export function documents(): string[] {
  return sourceFiles(
    [...ROOT_PAGES, "docs", "npm/README.md", "npm-zeromq/README.md", "bench", "examples", "tests"],
    ".md",
  );
}

/** Files below the given folders (or the files named themselves) whose path ends in `suffix`; missing ones are left out. */
export function sourceFiles(
  roots: readonly string[],
  suffix: string,
): string[] {
  return roots.flatMap((root) => below(root, suffix)).sort();
}

function below(path: string, suffix: string): string[] {
  const absolute = join(ROOT, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) {
    return path.endsWith(suffix) ? [path] : [];
  }
  return readdirSync(absolute)
    .filter((name) => name !== "node_modules")
    .flatMap((name) => below(`${path}/${name}`, suffix));
}
