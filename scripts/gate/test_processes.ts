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
/** On Deno a file has a process of its own: `receive_flood_test.ts` after `disconnect_peer_test.ts` computes for minutes. */
const MOST_FILES = { deno: 1, bun: 8, node: 8 } as const;

/**
 * Divides test files into processes; those of a single file come first, because they take longest.
 *
 * @param read Reads a file.
 */
export function processesOf(
  runtime: keyof typeof MOST_FILES,
  files: readonly string[],
  read: (path: string) => string = readFile,
): Process[] {
  const most = MOST_FILES[runtime];
  const alone = files.filter((path) => ALONE.test(read(path)));
  const shared = files.filter((path) => !alone.includes(path));
  const processes: string[][] = alone.map((path) => [path]);
  for (let i = 0; i < shared.length; i += most) processes.push(shared.slice(i, i + most));
  return processes;
}

function readFile(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
