/**
 * Adds the files that a built package needs in addition to its code, for both builders.
 *
 * @module
 */

import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { polyfillFiles } from "./dnt_files.ts";
import { manifest } from "./manifest.ts";
import { settleSourceMaps } from "./source_maps.ts";

/**
 * Writes the `package.json` files and `LICENSE`. Its `README.md` is the one file of `npm/` that is in the repository.
 */
export function finishPackage(folder: string): void {
  writeJson(join(folder, "package.json"), manifest(polyfillFiles(folder)));
  // The package is ESM, so that `sideEffects` of its package.json holds for esm/; only script/ differs.
  rmSync(join(folder, "esm", "package.json"), { force: true });
  // `files` of package.json says it all.
  rmSync(join(folder, ".npmignore"), { force: true });
  writeJson(join(folder, "script", "package.json"), { type: "commonjs" });
  copyFileSync("LICENSE", join(folder, "LICENSE"));
  settleSourceMaps(folder);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
