/**
 * Runs TypeScript programs of this repository on Node.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Node's arguments for a program: with tsx, or, where the gate has made JavaScript of it (`scripts/gate/node_programs.ts`), that.
 *
 * @param path From the root, or absolute.
 */
export function nodeProgram(path: string): readonly string[] {
  const folder = process.env.ZMQ_NODE_PROGRAMS;
  const made = folder && join(folder, relative(ROOT, resolve(ROOT, path))).replace(/\.ts$/, ".mjs");
  return made && existsSync(made) ? [made] : ["--import", "tsx", path];
}
