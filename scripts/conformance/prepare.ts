/**
 * A copy of a checkout of zeromq.js in which the tests are JavaScript, and load the drop-in entry instead of zeromq.js.
 *
 * @module
 */

import { build, transform } from "esbuild";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { ROOT } from "../gate/source_files.ts";

/** Modules of zeromq.js that its tests import beside its API, in CommonJS. */
const HELPERS: Readonly<Record<string, string>> = {
  "src/errors.js": "exports.isFullError = (error) => error instanceof Error;",
  "src/draft.js": "",
};

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
    reference
      ? `require(${JSON.stringify(join(ROOT, "node_modules/zeromq", theirs))})`
      : `require(${JSON.stringify(join(folder, "entry/entry.js"))}).${ours}`;
  write(folder, "package.json", JSON.stringify({ type: "commonjs", main: "src/index.js" }));
  write(folder, "src/index.js", reexports(library("v6", "")));
  write(folder, "v5-compat.js", reexports(library("v5", "v5-compat.js")));
  // Deno reads it as CommonJS because of its name; mocha itself is a symbolic link away from a package.json that says so.
  write(folder, "mocha.cjs", 'require("mocha/lib/cli/cli.js").main(process.argv.slice(2));');
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
    // Modules are strict. A test sends the text of an empty function, which esbuild prints over two lines.
    const text = `"use strict";\n${code.replaceAll(/function\(\) \{\s+\}/g, "function () {}")}`;
    write(folder, join("test/unit", file.replace(/\.ts$/, ".js")), text);
  }
  return files.filter((path) => path.endsWith("-test.ts")).map((path) => join("test/unit", path.replace(/ts$/, "js")))
    .sort();
}

/** Both entries as one file in CommonJS, because some tests give a process 750 ms, including the time to load it. */
async function buildEntry(folder: string): Promise<void> {
  const contents = `export * as v6 from "./src/zeromq/mod.ts"; export * as v5 from "./src/zeromq/v5_compat.ts";`;
  await build({
    stdin: { contents, resolveDir: ROOT },
    outfile: join(folder, "entry/entry.js"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["libsodium-sumo"],
    // Deno finds packages beside a CommonJS module by require() only.
    supported: { "dynamic-import": false },
    banner: { js: '"use strict";' },
  });
  const sodium = "node_modules/libsodium-sumo";
  cpSync(join(ROOT, sodium), join(folder, "entry", sodium), { recursive: true });
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
