/**
 * Which test files share a process of Node. To start one, with the compiler and all of the library, takes longer than most
 * files do. A file that changes or measures its process, or that takes long, has one to itself, and says so in a
 * comment: `// A process of its own: it fakes the timers.`
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./source_files.ts";

/** Files of one process, in their order. */
export type Process = readonly string[];

const ALONE = /^(?: \*|\/\/) A process of its own: \S/m;
const MOST_FILES = 8;

/**
 * Divides test files into processes.
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

/** Writes a program per process into a folder, in the order of their names; returns the files of each by its path. */
export function writePrograms(folder: string, processes: readonly Process[]): Map<string, Process> {
  const runner = pathToFileURL(join(ROOT, "tests/support/node_tests.ts")).href;
  return new Map(processes.map((files, i) => {
    const program = join(folder, `${String(i).padStart(3, "0")}.mjs`);
    const code = `import { runFiles } from ${JSON.stringify(runner)};\nawait runFiles(${JSON.stringify(files)});\n`;
    writeFileSync(program, code);
    return [program, files];
  }));
}

function readFile(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}
