/**
 * A copy of a checkout of zeromq.js in which the tests are JavaScript, and load the drop-in entry instead of zeromq.js.
 *
 * @module
 */

import { transform } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { publishedRoots, ROOT, sourceFiles } from "../gate/source_files.ts";

/** Modules of zeromq.js that its tests import beside its API, in CommonJS. */
const HELPERS: Readonly<Record<string, string>> = {
  "src/errors.js": "exports.isFullError = (error) => error instanceof Error;",
  "src/draft.js": "",
};

const SPECIFIER = /((?:from |import |import\()"\.\.?\/[^"]+)\.ts"/g;

/**
 * Makes the copy in `folder`.
 *
 * @returns The test files, as paths from `folder`.
 */
export async function prepare(checkout: string, folder: string, reference: boolean): Promise<string[]> {
  const modules = join(checkout, "node_modules");
  for (const path of ["test/unit", "node_modules/mocha", "node_modules/chai"]) {
    if (existsSync(join(checkout, path))) continue;
    throw new Error(`${checkout} has no ${path}: see the header of scripts/conformance.ts`);
  }
  const library = (ours: string, theirs: string) =>
    `require(${JSON.stringify(reference ? join(ROOT, "node_modules/zeromq", theirs) : join(folder, "entry", ours))})`;
  write(folder, "package.json", JSON.stringify({ type: "commonjs", main: "src/index.js" }));
  write(folder, "src/index.js", reexports(library("src/zeromq/mod.js", "")));
  write(folder, "v5-compat.js", reexports(library("src/zeromq/v5_compat.js", "v5-compat.js")));
  for (const [path, text] of Object.entries(HELPERS)) write(folder, path, text);
  symlinkSync(modules, join(folder, "node_modules"), process.platform === "win32" ? "junction" : "dir");
  if (!reference) await buildEntry(folder);
  const files = readdirSync(join(checkout, "test/unit"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((path) => path.endsWith(".ts"))) {
    const source = readFileSync(join(checkout, "test/unit", file), "utf8");
    const { code } = await transform(source, {
      loader: "ts",
      format: "cjs",
      platform: "node",
      target: "node20",
    });
    // Modules are strict.
    write(folder, join("test/unit", file.replace(/\.ts$/, ".js")), `"use strict";\n${code}`);
  }
  return files.filter((path) => path.endsWith("-test.ts")).map((path) => join("test/unit", path.replace(/ts$/, "js")))
    .sort();
}

/** The published code as CommonJS, file by file. */
async function buildEntry(folder: string): Promise<void> {
  for (const path of sourceFiles(publishedRoots(), ".ts").filter((path) => !path.endsWith(".d.ts"))) {
    const source = readFileSync(join(ROOT, path), "utf8").replaceAll(SPECIFIER, '$1.js"');
    const { code } = await transform(source, { loader: "ts", format: "cjs", platform: "node", target: "node20" });
    write(folder, join("entry", path.replace(/ts$/, "js")), `"use strict";\n${code}`);
  }
  mkdirSync(join(folder, "entry/node_modules"));
  cpSync(join(ROOT, "node_modules/libsodium-sumo"), join(folder, "entry/node_modules/libsodium-sumo"), {
    recursive: true,
  });
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A module in CommonJS with the names of another one. */
function reexports(expression: string): string {
  return `const api = ${expression};
Object.defineProperty(exports, "__esModule", { value: true });
for (const name of Object.keys(api)) Object.defineProperty(exports, name, { enumerable: true, get: () => api[name] });
`;
}
