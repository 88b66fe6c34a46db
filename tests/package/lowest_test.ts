/**
 * The package with the lowest versions of what its users need.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import process from "node:process";
import { LOWEST } from "../../scripts/npm_package/lowest.ts";
import { test } from "../support/harness.ts";
import { ANSWERED, withLibzmq } from "./support/libzmq.ts";
import { npmProject, Project } from "./support/project.ts";
import { TYPES } from "./support/types.ts";

const TIMEOUT = 120_000;
const NODE = `${LOWEST.Node}.0`;
/** The first of that line that is not a beta. */
const TYPESCRIPT = `${LOWEST.TypeScript}.2`;
/** The first where `Uint8Array` is generic, so that not every one is a body of Web APIs. */
const GENERIC = "5.7.2";
const WITHOUT_TYPES = { lib: ["ES2022"], types: [] };

const platform = process.platform === "win32" ? "win" : process.platform;
const nodePackage = `node-${platform}-${process.arch}`;
const tools = new Project();
tools.declare();

/** Installs a tool, away from the package; resolves with the reason when npm cannot be asked. */
async function missing(name: string, version: string, folder = name): Promise<{ skip?: string }> {
  try {
    await tools.run(
      "npm",
      "install",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      "--loglevel=error",
      `${folder}@npm:${name}@${version}`,
    );
    return {};
  } catch (error) {
    const reason = (error as Error).message.split("\n").find((line) => line.startsWith("npm error"));
    // A missing network is not a failure; a missing version is.
    if (/ETARGET|E404|notarget/.test(String(error))) throw error;
    return { skip: `${name}@${version} cannot be installed: ${reason ?? "npm failed"}` };
  }
}

const withoutNode = await missing(nodePackage, NODE);
const withoutTypeScript = await missing("typescript", TYPESCRIPT);
const withoutGeneric = await missing("typescript", GENERIC, "typescript-generic");

test(
  `package: on Node ${NODE} programs exchange messages with libzmq, and dispose of sockets`,
  () =>
    withLibzmq(async (endpoint) => {
      const project = await npmProject();
      const binary = platform === "win" ? "node.exe" : "node";
      const node = join(tools.folder, "node_modules", nodePackage, "bin", binary);
      assertEquals((await project.run(node, "--version")).trim(), `v${NODE}`);
      for (const file of ["plain.mjs", "plain.cjs"]) {
        project.copy(file);
        assertStringIncludes(await project.run(node, file, endpoint), ANSWERED);
      }
      project.write(
        "dispose.mjs",
        `import { Pair } from "@monocoque/zmq";
      const pair = new Pair();
      await pair[Symbol.asyncDispose]();
      console.log(pair.closed);`,
      );
      assertEquals((await project.run(node, "dispose.mjs")).trim(), "true");
    }),
  { timeout: TIMEOUT, ...withoutNode },
);

/** Compiles fixtures with the compiler in this folder. */
async function compiler(folder: string): Promise<(options: object, files: readonly string[]) => Promise<string>> {
  const project = await npmProject();
  project.copy("typed.ts", "typed.mts");
  project.copy("typed.ts", "typed.cts");
  project.copy("web.ts", "web.mts");
  const tsc = join(tools.folder, "node_modules", folder, "lib", "tsc.js");
  return (options, files) => {
    const common = {
      target: "ES2022",
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    project.write("tsconfig.lowest.json", JSON.stringify({ compilerOptions: { ...common, ...options }, files }));
    return project.run(process.execPath, tsc, "-p", "tsconfig.lowest.json");
  };
}

const NODE16 = { module: "node16", moduleResolution: "node16" };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };
const TYPED = ["typed.mts", "typed.cts"];

test(`package: TypeScript ${TYPESCRIPT} compiles a user, with types of Node and with those of the DOM`, async () => {
  const compile = await compiler("typescript");
  await compile({ ...TYPES.dom, ...NODE16 }, [...TYPED, "web.mts"]);
  await compile({ ...TYPES.node, ...NODE16 }, TYPED);
  for (const types of Object.values(TYPES)) await compile({ ...types, ...BUNDLER }, TYPED);
  const error = await compile({ ...WITHOUT_TYPES, ...NODE16 }, TYPED).then(() => undefined, (error: Error) => error);
  assertStringIncludes(String(error), "AsyncDisposable");
}, { timeout: TIMEOUT, ...withoutTypeScript });

test(`package: TypeScript ${GENERIC} takes received frames as bodies of Web APIs`, async () => {
  const compile = await compiler("typescript-generic");
  await compile({ ...TYPES.dom, ...BUNDLER }, [...TYPED, "web.mts"]);
}, { timeout: TIMEOUT, ...withoutGeneric });
