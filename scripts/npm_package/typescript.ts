/**
 * Builds with the TypeScript compiler, into the layout that dnt makes.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "../gate/source_files.ts";

const EMIT = [
  // The gate holds the sources to isolatedDeclarations; a build does not need it.
  ...[
    "--project",
    "tsconfig.package.json",
    "--noEmit",
    "false",
    "--isolatedDeclarations",
    "false",
  ],
  ...[
    "--declaration",
    "--sourceMap",
    "--inlineSources",
    "--rewriteRelativeImportExtensions",
  ],
];
// verbatimModuleSyntax refuses to turn `export` into CommonJS.
const COMMONJS = ["--module", "commonjs", "--verbatimModuleSyntax", "false"];
const TYPESCRIPT_SPECIFIER = /((?:from|import) |import\()"(\.\.?\/[^"]+)\.ts"/g;

/** Builds into `folder`; throws with the compiler's words when it fails. */
export function buildWithTypeScript(folder: string): void {
  compile(join(folder, "esm"), []);
  compile(join(folder, "script"), COMMONJS);
}

function compile(outDir: string, flags: readonly string[]): void {
  const tsc = spawnSync(join("node_modules", ".bin", "tsc"), [
    ...EMIT,
    "--outDir",
    outDir,
    ...flags,
  ], {
    encoding: "utf8",
  });
  if (tsc.status !== 0) {
    throw new Error(`tsc failed\n${tsc.stdout}${tsc.stderr}`);
  }
  // The compiler rewrites specifiers in code only.
  for (const path of sourceFiles([outDir], ".d.ts")) {
    writeFileSync(
      path,
      readFileSync(path, "utf8").replaceAll(TYPESCRIPT_SPECIFIER, '$1"$2.js"'),
    );
  }
}
