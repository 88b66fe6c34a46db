/**
 * Builds the npm package into `npm/`: `esm/`, `script/` (CommonJS), declarations and source maps next to the code; and
 * the drop-in `@monocoque/zeromq` into `npm-zeromq/`.
 *
 * `npm run build:npm -- [--builder dnt|tsc] [--into FOLDER]`. dnt comes from JSR; the TypeScript compiler builds the
 * same layout. The last line of the output says which of them was used, and why. With `--into`
 * the drop-in is not built. This script owns everything in the directories except `README.md`.
 *
 * Hand-written: dnt, which builds the package, cannot be installed from npm, and adds files that the package does not need; bundlers such as
 * tsup and unbuild would not keep one module per source file. The compiler does the rest.
 *
 * @module
 */

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { oneOf } from "./gate/one_of.ts";
import { ROOT } from "./gate/source_files.ts";
import { buildCode, type Builder, BUILDERS } from "./npm_package/builders.ts";
import { finishPackage } from "./npm_package/finish.ts";
import { buildZeromq, ZEROMQ_FOLDER } from "./npm_package/zeromq.ts";

const { values } = parseArgs({ options: { builder: { type: "string" }, into: { type: "string" } } });
const folder = values.into ?? "npm";
let builder: Builder | undefined;
try {
  builder = oneOf(BUILDERS, values.builder, "--builder");
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
// All paths below are relative to the root.
process.chdir(ROOT);
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) {
  if (name !== "README.md") rmSync(join(folder, name), { recursive: true });
}
const used = await buildCode(folder, builder);
finishPackage(folder);
if (values.into === undefined) buildZeromq(ZEROMQ_FOLDER);
console.log(`Built ${folder}/ with ${used}`);
