/**
 * JavaScript for Node of the programs that tests start: peers, children, examples. They are some hundreds of processes, and
 * each would take half a second to a second to start tsx and to load the library with it.
 *
 * @module
 */

import { build, type Metafile } from "esbuild";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { ROOT, sourceFiles } from "./source_files.ts";

const PROGRAM = /^examples\/|_child\.ts$|^tests\/support\/peers\/\w+_peer\.ts$/;

/** Makes all of them, and returns the environment of the tests: the folder, as `ZMQ_NODE_PROGRAMS` (`tests/support/node_program.ts`). */
export async function nodePrograms(): Promise<Readonly<Record<string, string>>> {
  const folder = cacheFolder("programs-");
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
