/**
 * Lists the files of a folder outside the repository.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** Paths of all files below, sorted, with forward slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}
