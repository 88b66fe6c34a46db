/**
 * Which test files share a process. To start one, with all of the library, takes longer than most files do. A file that
 * changes or measures its process, or that takes long, has one to itself, and says so in a comment:
 * `// A process of its own: it fakes the timers.`
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./source_files.ts";

/** Files of one process, in their order. */
export type Process = readonly string[];

const ALONE = /^(?: \*|\/\/) A process of its own: \S/m;
const MOST_FILES = 8;

/**
 * Divides test files into processes; those of a single file come first, because they take longest.
 *
 * @param read Reads a file.
 */
export function processesOf(files: readonly string[], read: (path: string) => string = readFile): Process[] {
  const alone = files.filter((path) => ALONE.test(read(path)));
  const shared = files.filter((path) => !alone.includes(path));
  const processes: string[][] = alone.map((path) => [path]);
  for (let i = 0; i < shared.length; i += MOST_FILES) processes.push(shared.slice(i, i + MOST_FILES));
  return processes;
}

function readFile(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
