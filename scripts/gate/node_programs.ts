/**
 * JavaScript for Node of the programs that tests start: peers, children, examples. They are some hundreds of processes, and
 * each would take half a second to a second to start tsx and to load the library with it.
 *
 * @module
 */

import { build, type Metafile } from "esbuild";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT, sourceFiles } from "./source_files.ts";

/** Below `node_modules`, so that packages are found from there. */
const CACHE = join(ROOT, "node_modules/.cache/monocoque-zmq");
const PROGRAM = /^examples\/|_child\.ts$|^tests\/support\/peers\/\w+_peer\.ts$/;

/** Makes all of them, and returns the environment of the tests: the folder, as `ZMQ_NODE_PROGRAMS` (`tests/support/node_program.ts`). */
export async function nodePrograms(): Promise<Readonly<Record<string, string>>> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "programs-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: sourceFiles(["examples", "tests"], ".ts").filter((path) => PROGRAM.test(path)),
    external: Object.keys({ ...dependencies, ...devDependencies }),
    bundle: true,
    splitting: true,
    keepNames: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outbase: ROOT,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    metafile: true,
    logLevel: "silent",
  });
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint !== undefined && asksWhereItIs(entryPoint, metafile)) rmSync(join(ROOT, path));
  }
  return { ZMQ_NODE_PROGRAMS: folder };
}

/** Returns whether the program looks for files relative to itself: such a program must not be moved. */
function asksWhereItIs(entry: string, { inputs }: Metafile): boolean {
  const seen = new Set([entry]);
  for (const path of seen) {
    for (const { path: imported } of inputs[path]?.imports ?? []) if (imported in inputs) seen.add(imported);
  }
  return [...seen].some((path) => readFileSync(join(ROOT, path), "utf8").includes("import.meta"));
}
