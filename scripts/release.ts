/**
 * Makes a release, in two steps; docs/releasing.md tells what comes between and after them.
 *
 * `npm run release -- prepare 1.2.3` writes the version and the section of the changelog.
 * `npm run release -- check v1.2.3` holds what is committed against the tag, runs everything that `npm test` runs, builds
 * the npm package and does both publications up to the point where they would be uploaded. It publishes nothing.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { installed } from "./gate/process.ts";
import { ROOT } from "./gate/source_files.ts";
import { denoConfig } from "./npm_package/manifest.ts";
import { bump, type ReleaseFiles } from "./release/bump.ts";

/** What `check` runs, one after the other. */
const CHECKS = [
  ["npm", "test"],
  ["npm", "run", "build:npm"],
  ["deno", "publish", "--dry-run"],
  ["npm", "publish", "--dry-run", "./npm"],
] as const;

function prepare(version: string): void {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const files: ReleaseFiles = {
    "deno.json": read("deno.json"),
    "core.ts": read("core.ts"),
    "README.md": read("README.md"),
    "CHANGELOG.md": read("CHANGELOG.md"),
  };
  const date = new Date().toISOString().slice(0, "2026-01-31".length);
  for (const [path, text] of Object.entries(bump(files, version, date))) writeFileSync(join(ROOT, path), text);
  console.log(`Prepared ${version}. Look at the changes, commit them, then: npm run release -- check v${version}`);
}

function check(tag: string): void {
  const { version } = denoConfig();
  if (tag !== `v${version}`) throw new Error(`Cannot release ${tag}: deno.json has version ${version}`);
  if (output("git", "status", "--porcelain") !== "") {
    throw new Error(`Cannot release ${tag}: there are changes to commit`);
  }
  for (const [command, ...args] of CHECKS) {
    console.log(`> ${[command, ...args].join(" ")}`);
    execute(command, args);
  }
  console.log(`${tag} can be published`);
}

function execute(command: string, args: readonly string[]): void {
  const path = `${dirname(installed(command))}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH: path };
  const shell = process.platform === "win32";
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", shell, env });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
}

function output(command: string, ...args: string[]): string {
  const { status, stdout, error } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
  return stdout;
}

const [step, subject, ...rest] = process.argv.slice(2);
if (subject === undefined || rest.length > 0 || (step !== "prepare" && step !== "check")) {
  console.error("Usage: npm run release -- prepare 1.2.3, or: npm run release -- check v1.2.3");
  process.exit(2);
}
try {
  if (step === "prepare") prepare(subject);
  else check(subject);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
