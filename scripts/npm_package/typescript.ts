/**
 * Builds with the TypeScript compiler, into the same layout as dnt.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installed, run } from "../gate/process.ts";
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
const TIMEOUT = 60_000;
const TYPESCRIPT_SPECIFIER = /((?:from|import) |import\()"(\.\.?\/[^"]+)\.ts"/g;

/** Builds into `folder`; rejects with the compiler's words when it fails. */
export async function buildWithTypeScript(folder: string): Promise<void> {
  await compile(join(folder, "esm"), []);
  await compile(join(folder, "script"), COMMONJS);
}

async function compile(outDir: string, flags: readonly string[]): Promise<void> {
  const args = [...EMIT, "--outDir", outDir, ...flags];
  const { code, output } = await run(installed("tsc"), args, { timeout: TIMEOUT });
  if (code !== 0) throw new Error(`tsc failed\n${output}`);
  // The compiler rewrites specifiers in code only.
  for (const path of sourceFiles([outDir], ".d.ts")) {
    writeFileSync(
      path,
      readFileSync(path, "utf8").replaceAll(TYPESCRIPT_SPECIFIER, '$1"$2.js"'),
    );
  }
}
