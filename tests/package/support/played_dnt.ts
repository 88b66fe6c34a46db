/**
 * Plays dnt, which is on JSR: compiles copies of the sources whose specifiers are rewritten, and leaves beside the code
 * what dnt leaves. Its compiler is the one installed here, and it finds the sources by their folders.
 *
 * Deno loads it in the place of `@deno/dnt`.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { installed, run } from "../../../scripts/gate/process.ts";
import { publishedRoots, ROOT, sourceFiles } from "../../../scripts/gate/source_files.ts";
import type { Dnt, DntOptions } from "../../../scripts/npm_package/dnt.ts";

const TIMEOUT = 240_000;

/** See {@link Dnt}. */
export const build: Dnt["build"] = (options) => play(options, (_, text) => text, {});

/**
 * Builds.
 *
 * @param change Changes a source, given its path and its text, before it is compiled.
 * @param added Sources that are compiled beside ours, by path.
 */
export async function play(
  options: DntOptions,
  change: (path: string, text: string) => string,
  added: Readonly<Record<string, string>>,
): Promise<void> {
  if (options.importMap !== "deno.json") throw new Error("The import map that maps libsodium-sumo is missing");
  const sources = join(options.outDir, "src");
  for (const path of sourceFiles(publishedRoots(), ".ts")) {
    const text = readFileSync(join(ROOT, path), "utf8").replaceAll(/"(\.\.?\/[^"]*)\.ts"/g, '"$1.js"');
    mkdirSync(dirname(join(sources, path)), { recursive: true });
    writeFileSync(join(sources, path), change(path, text));
  }
  for (const [path, text] of Object.entries(added)) writeFileSync(join(sources, path), text);
  await compile(options, "esm", "esnext");
  await compile(options, "script", "commonjs");
  if (options.skipSourceOutput) rmSync(sources, { recursive: true });
  writeFileSync(join(options.outDir, "package.json"), JSON.stringify(options.package));
  writeFileSync(join(options.outDir, ".npmignore"), "/src/\n");
}

async function compile(options: DntOptions, folder: "esm" | "script", module: string): Promise<void> {
  const { outDir, compilerOptions } = options;
  const config = {
    compilerOptions: {
      ...compilerOptions,
      ...{ module, moduleResolution: "bundler", declaration: true, rootDir: "src", outDir: folder },
      // dnt runs without type checking.
      ...{ noCheck: true, types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] },
    },
    include: ["src"],
  };
  writeFileSync(join(outDir, "tsconfig.json"), JSON.stringify(config));
  const { code, output } = await run(installed("tsc"), ["--project", outDir], { timeout: TIMEOUT });
  if (code !== 0) throw new Error(output);
  rmSync(join(outDir, "tsconfig.json"));
  const type = folder === "esm" ? "module" : "commonjs";
  writeFileSync(join(outDir, folder, "package.json"), JSON.stringify({ type }));
}
