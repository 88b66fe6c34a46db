/**
 * Builds the npm package into `npm/`: `esm/`, `script/` (CommonJS), declarations and source maps beside the code.
 *
 * dnt does it where it can be loaded from JSR; elsewhere the TypeScript compiler builds the same layout.
 * Run with `npm run build:npm`. All of `npm/` but its
 * `README.md` belongs to this script.
 *
 * @module
 */

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./gate/source_files.ts";
import { buildWithDnt } from "./npm_package/dnt.ts";
import { finishPackage } from "./npm_package/finish.ts";
import { buildWithTypeScript } from "./npm_package/typescript.ts";

// All paths below are relative to the root.
process.chdir(ROOT);
const folder = "npm";
for (const name of readdirSync(folder)) {
  if (name !== "README.md") rmSync(join(folder, name), { recursive: true });
}
if (!await buildWithDnt(folder)) buildWithTypeScript(folder);
finishPackage(folder);
console.log(`Built ${folder}/`);
