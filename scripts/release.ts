/**
 * Makes a release in two steps; docs/releasing.md describes the steps between and after them.
 *
 * `npm run release -- prepare 1.2.3` writes the version and the section of the changelog.
 * `npm run release -- check v1.2.3 [--builder dnt|tsc]` compares the commit with the tag, runs everything that
 * `npm test` runs, does all publications up to the upload, and packs the tested builds into tarballs in the root. It
 * publishes nothing.
 *
 * Hand-written: release tools for npm support neither JSR nor this project's files with the version, and they upload,
 * which is the task of the workflow.
 *
 * @module
 */

import spawn from "nano-spawn";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { readManifests } from "./check_manifests.ts";
import { ROOT } from "./gate/source_files.ts";
import { bump, type ReleaseFiles } from "./release/bump.ts";
import { ZEROMQ_FOLDER, ZEROMQ_MAJORS } from "./npm_package/zeromq.ts";
import { readinessProblems } from "./release/readiness.ts";

/** The packages on npm, each where it was built. */
const NPM_FOLDERS = ["./npm", ...ZEROMQ_MAJORS.map((major) => `./${ZEROMQ_FOLDER}/${major}`)];

async function prepare(version: string): Promise<void> {
  await requireCommitted(version);
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

async function check(tag: string, builder: string | undefined): Promise<void> {
  const problems = readinessProblems(readManifests(), tag);
  if (problems.length > 0) throw new Error(`Cannot release ${tag}: ${problems.join("; ")}`);
  await requireCommitted(tag);
  const chosen = builder === undefined ? [] : ["--", "--builder", builder];
  await execute("npm", "test", ...chosen);
  await execute("deno", "publish", "--dry-run");
  // The build that the gate tested; another build could differ.
  for (const folder of NPM_FOLDERS) {
    await execute("npm", "publish", "--dry-run", folder);
    await execute("npm", "pack", folder);
  }
  console.log(`${tag} can be published`);
}

async function requireCommitted(what: string): Promise<void> {
  const { stdout } = await spawn("git", ["status", "--porcelain"], { cwd: ROOT });
  if (stdout !== "") throw new Error(`Cannot release ${what}: there are changes to commit`);
}

async function execute(command: string, ...args: string[]): Promise<void> {
  console.log(`> ${[command, ...args].join(" ")}`);
  await spawn(command, args, { cwd: ROOT, stdio: "inherit", preferLocal: true });
}

const { values: { builder }, positionals: [step, subject, ...rest] } = parseArgs({
  options: { builder: { type: "string" } },
  allowPositionals: true,
});
if (subject === undefined || rest.length > 0 || (step !== "prepare" && step !== "check")) {
  console.error("Usage: npm run release -- prepare 1.2.3, or: npm run release -- check v1.2.3 [--builder dnt|tsc]");
  process.exit(2);
}
try {
  if (step === "prepare") await prepare(subject);
  else await check(subject, builder);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
