/**
 * Users of the packed package: each in an empty project of its own, installed as users do, and each talks to libzmq.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import process from "node:process";
import { installed } from "../../scripts/gate/process.ts";
import { test } from "../support/harness.ts";
import { ANSWERED, withLibzmq } from "./support/libzmq.ts";
import { serveNpm } from "./support/npm_registry.ts";
import { npmProject, packed, Project } from "./support/project.ts";
import { TYPES } from "./support/types.ts";

const TIMEOUT = 120_000;
const PUBLIC_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

function consumer(name: string, fn: (endpoint: string) => Promise<void>): void {
  test(`package: ${name}`, () => withLibzmq(fn), { timeout: TIMEOUT });
}

/** Runs a program with each command, and expects of it what libzmq answers. */
async function answers(project: Project, endpoint: string, commands: readonly (readonly string[])[]): Promise<void> {
  for (const [program, ...args] of commands) {
    assertStringIncludes(await project.run(program!, ...args, endpoint), ANSWERED);
  }
}

/** Compiles `files` with types of Node, and with those of the DOM alone; libraries are checked as well. */
async function compile(project: Project, files: string[], options: object): Promise<void> {
  const common = {
    target: "ES2022",
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    outDir: "out",
    rootDir: ".",
  };
  for (const [name, types] of Object.entries(TYPES)) {
    // Not tsconfig.json, which Deno and Bun would read.
    const file = `tsconfig.${name}.json`;
    project.write(file, JSON.stringify({ compilerOptions: { ...common, ...options, ...types }, files }));
    await project.run(installed("tsc"), "-p", file);
  }
}

consumer("an ES module on Node asks libzmq", async (endpoint) => {
  const project = await npmProject();
  project.copy("plain.mjs");
  const output = await project.run(process.execPath, "plain.mjs", endpoint);
  assertStringIncludes(output, ANSWERED);
  assertStringIncludes(output, PUBLIC_KEY);
});

consumer("CommonJS on Node asks libzmq", async (endpoint) => {
  const project = await npmProject();
  project.copy("plain.cjs");
  const output = await project.run(process.execPath, "plain.cjs", endpoint);
  assertStringIncludes(output, ANSWERED);
  assertStringIncludes(output, PUBLIC_KEY);
});

consumer("TypeScript with moduleResolution node16 compiles it, as ESM and CommonJS", async (endpoint) => {
  const project = await npmProject();
  project.copy("typed.ts", "typed.mts");
  project.copy("typed.ts", "typed.cts");
  await compile(project, ["typed.mts", "typed.cts"], { module: "node16", moduleResolution: "node16" });
  await answers(project, endpoint, [[process.execPath, "out/typed.mjs"], [process.execPath, "out/typed.cjs"]]);
});

test("package: TypeScript takes received frames in Web APIs, and options that may be undefined", async () => {
  const project = await npmProject();
  project.copy("web.ts");
  const compilerOptions = {
    ...{ target: "ES2022", strict: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true },
    ...{ module: "esnext", moduleResolution: "bundler", exactOptionalPropertyTypes: true },
    ...TYPES.dom,
  };
  project.write("tsconfig.web.json", JSON.stringify({ compilerOptions, files: ["web.ts"] }));
  await project.run(installed("tsc"), "-p", "tsconfig.web.json");
}, { timeout: TIMEOUT });

consumer("TypeScript with moduleResolution bundler compiles it", async (endpoint) => {
  const project = await npmProject();
  project.copy("typed.ts");
  await compile(project, ["typed.ts"], { module: "esnext", moduleResolution: "bundler" });
  await answers(project, endpoint, [[process.execPath, "out/typed.js"]]);
});

consumer("Bun adds it, and asks libzmq from TypeScript, an ES module and CommonJS", async (endpoint) => {
  const project = new Project();
  project.declare();
  const cache = { BUN_INSTALL_CACHE_DIR: join(project.folder, "cache") };
  await project.runWith(cache, installed("bun"), "add", await packed());
  const files = ["typed.ts", "plain.mjs", "plain.cjs"];
  for (const file of files) project.copy(file);
  await answers(project, endpoint, files.map((file) => [installed("bun"), file]));
});

consumer("Deno takes it by an npm: specifier, and asks libzmq from TypeScript and JavaScript", async (endpoint) => {
  const project = new Project();
  // Deno installs from npm only by name. The cache is the project's own, because the same version is built repeatedly.
  await using registry = await serveNpm(await Promise.all([packed(), packed("node_modules/libsodium-sumo")]));
  const name = "@monocoque/zmq";
  const imports = Object.fromEntries(["", "/core", "/transport"].map((path) => [name + path, `npm:${name}@*${path}`]));
  project.write("deno.json", JSON.stringify({ imports, lock: false, nodeModulesDir: "none" }));
  project.write(".npmrc", `registry=${registry.url}\n`);
  const env = { DENO_DIR: join(project.folder, "cache") };
  for (const file of ["typed.ts", "plain.mjs"]) {
    project.copy(file);
    const flags = ["--check", "--allow-net", "--allow-env", "--allow-read"];
    assertStringIncludes(await project.runWith(env, installed("deno"), "run", ...flags, file, endpoint), ANSWERED);
  }
});
