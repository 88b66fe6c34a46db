/**
 * A project outside the repository that has the built package installed, as a user's would.
 *
 * @module
 */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { installed, type Outcome, run } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";

const TIMEOUT = 30_000;

/** A folder with the package in its `node_modules`. */
export class Project {
  readonly folder: string = mkdtempSync(join(tmpdir(), "zmq-package-"));

  /** Runs a command in the project; rejects with its output when it fails. */
  async run(command: string, ...args: string[]): Promise<string> {
    const outcome: Outcome = await run(command, args, { timeout: TIMEOUT, cwd: this.folder });
    if (outcome.code === 0) return outcome.output;
    throw new Error(`${command} ${args.join(" ")} ended with exit code ${outcome.code}\n${outcome.output}`);
  }

  /** Writes a file. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Compiles the user's program as an ES module and as CommonJS, into `out/`. */
  async compile(options: Readonly<Record<string, unknown>>): Promise<void> {
    const program = join(ROOT, "tests/package/fixtures/round_trip.ts");
    copyFileSync(program, join(this.folder, "consumer.mts"));
    copyFileSync(program, join(this.folder, "consumer.cts"));
    const common = { module: "node16", target: "ES2022", strict: true, skipLibCheck: false, outDir: "out" };
    const files = ["consumer.mts", "consumer.cts"];
    // Not tsconfig.json, which Deno would read.
    this.write("tsconfig.build.json", JSON.stringify({ compilerOptions: { ...common, ...options }, files }));
    await this.run(installed("tsc"), "-p", "tsconfig.build.json");
  }
}

let project: Promise<Project> | undefined;

/** The project, made once: `npm pack`, then an installation of the tarball without the network. */
export function installPackage(): Promise<Project> {
  return project ??= makeProject();
}

async function makeProject(): Promise<Project> {
  const project = new Project();
  process.on("exit", () => rmSync(project.folder, { recursive: true, force: true }));
  project.write("package.json", JSON.stringify({ private: true, type: "module" }));
  const tarballs: string[] = [];
  // What the package depends on is at hand already.
  for (const folder of ["npm", "node_modules/libsodium"]) {
    const packed = await project.run("npm", "pack", "--loglevel=error", join(ROOT, folder));
    const tarball = packed.trim().split("\n").at(-1);
    if (!tarball?.endsWith(".tgz")) throw new Error(`npm pack named no tarball\n${packed}`);
    tarballs.push(`./${tarball}`);
  }
  await project.run("npm", "install", "--offline", "--no-audit", "--no-fund", ...tarballs);
  return project;
}
