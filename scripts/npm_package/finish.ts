/**
 * What a built package needs beside its code, whichever tool built the code.
 *
 * @module
 */

import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceFiles } from "../gate/source_files.ts";
import { polyfillFiles } from "./dnt_files.ts";
import { denoConfig, manifest, NPM_NAME } from "./manifest.ts";
import { settleSourceMaps } from "./source_maps.ts";

/**
 * Writes the `package.json` files and `LICENSE`, and calls the package by its npm name throughout. Its `README.md` is
 * the one file of `npm/` that is in the repository.
 */
export function finishPackage(folder: string): void {
  writeJson(join(folder, "package.json"), manifest(polyfillFiles(folder)));
  // The package is ESM, so that `sideEffects` of its package.json holds for esm/; only script/ differs.
  rmSync(join(folder, "esm", "package.json"), { force: true });
  // `files` of package.json says it all.
  rmSync(join(folder, ".npmignore"), { force: true });
  writeJson(join(folder, "script", "package.json"), { type: "commonjs" });
  copyFileSync("LICENSE", join(folder, "LICENSE"));
  rename(folder);
  settleSourceMaps(folder);
}

/** Comments call the package by its JSR name. */
function rename(folder: string): void {
  const { name } = denoConfig();
  for (const path of [".ts", ".js"].flatMap((suffix) => sourceFiles([folder], suffix))) {
    const text = readFileSync(path, "utf8");
    const renamed = text.replaceAll(name, NPM_NAME);
    if (renamed !== text) writeFileSync(path, renamed);
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
