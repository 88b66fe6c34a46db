/**
 * Empty projects outside the repository, and the packed package to install in them.
 *
 * @module
 */

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { pack } from "../../../scripts/gate/npm_pack.ts";
import { run } from "../../../scripts/gate/process.ts";
import { ROOT } from "../../../scripts/gate/source_files.ts";
import { ZEROMQ_FOLDER, ZEROMQ_MAJORS } from "../../../scripts/npm_package/zeromq.ts";
import type { LocalServer } from "./http.ts";
import { serveNpm } from "./npm_registry.ts";

const TIMEOUT = 240_000;
const FIXTURES = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** A folder of its own, which is removed when this process ends. */
export class Project {
  readonly folder: string = mkdtempSync(join(tmpdir(), "zmq-package-"));

  constructor() {
    process.on("exit", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Runs a command in the project, and resolves with its standard output; rejects with all of it when it fails. */
  run(command: string, ...args: string[]): Promise<string> {
    return this.runWith({}, command, ...args);
  }

  /** Does so with more environment variables. */
  async runWith(env: Readonly<Record<string, string>>, command: string, ...args: string[]): Promise<string> {
    const { code, stdout, output, timedOut } = await run(command, args, { timeout: TIMEOUT, cwd: this.folder, env });
    if (code === 0) return stdout;
    const end = timedOut ? `was not done within ${TIMEOUT} ms` : `ended with exit code ${code}`;
    throw new Error(`${command} ${args.join(" ")} ${end}\n${output}`);
  }

  /** Writes a file. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Makes it a project of npm's kind. */
  declare(): void {
    this.write("package.json", JSON.stringify({ private: true, type: "module" }));
  }

  /** Copies a file of `tests/package/fixtures/`. */
  copy(fixture: string, name: string = fixture): void {
    copyFileSync(join(FIXTURES, fixture), join(this.folder, name));
  }
}

let installing: Promise<Project> | undefined;

/** A project that has the packed package installed by npm, from the registry that npm is set up with: once, and copied. */
export async function npmProject(): Promise<Project> {
  const { folder } = await (installing ??= installIn(new Project()));
  const project = new Project();
  cpSync(folder, project.folder, { recursive: true, verbatimSymlinks: true });
  return project;
}

async function installIn(project: Project): Promise<Project> {
  project.declare();
  await npmInstall(project, await packed());
  return project;
}

/** Runs `npm install`. */
export function npmInstall(project: Project, ...args: string[]): Promise<string> {
  return project.run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", ...args);
}

/** Serves the package and the drop-in `@monocoque/zeromq` in its versions; further tarballs as well. */
export async function serveZeromq(...others: string[]): Promise<LocalServer> {
  const folders = ZEROMQ_MAJORS.map((major) => `${ZEROMQ_FOLDER}/${major}`);
  return await serveNpm([await packed(), ...await Promise.all(folders.map((folder) => packed(folder))), ...others]);
}

/** Has npm and Bun ask this registry for our packages, and theirs for all others. */
export function askForOurs(project: Project, { url }: LocalServer): void {
  project.write(".npmrc", `@monocoque:registry=${url}\n`);
}

let tarballs: Project | undefined;
const packing = new Map<string, Promise<string>>();

/** The tarball of a folder of the repository, made once; without a name that of the package. */
export function packed(folder = "npm"): Promise<string> {
  let tarball = packing.get(folder);
  if (tarball === undefined) {
    tarballs ??= new Project();
    packing.set(folder, tarball = packInto(join(tarballs.folder, String(packing.size)), folder));
  }
  return tarball;
}

async function packInto(target: string, folder: string): Promise<string> {
  mkdirSync(target);
  const args = ["--ignore-scripts", "--pack-destination", target, join(ROOT, folder)];
  return join(target, (await pack(args, { timeout: TIMEOUT })).filename);
}
