/**
 * A folder for files that are made for one run of the gate.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./source_files.ts";

/** Below `node_modules`, so that packages are found from there. */
const CACHE = join(ROOT, "node_modules/.cache/monocoque-zmq");

/** Makes a folder whose name begins like this; it is removed when the process ends. */
export function cacheFolder(prefix: string): string {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, prefix));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
