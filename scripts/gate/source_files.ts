/**
 * Lists the repository's files, as paths from its root with forward slashes.
 *
 * @module
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

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
