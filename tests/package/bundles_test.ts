/**
 * Programs that are bundled with the package run, without the package beside them, and talk to libzmq.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertStringIncludes } from "@std/assert";
import { build as buildWithEsbuild } from "esbuild";
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build as buildWithVite } from "vite";
import { installed } from "../../scripts/gate/process.ts";
import { test } from "../support/harness.ts";
import { ANSWERED, withLibzmq } from "./support/libzmq.ts";
import { npmProject, type Project } from "./support/project.ts";

const TIMEOUT = 120_000;
const PUBLIC_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

/** Bundles a program in a project, takes the project's packages away, and runs what came out. */
function bundled(name: string, bundle: (project: Project) => Promise<string>): void {
  test(`package: bundled by ${name}, it runs on every runtime`, async () => {
    const project = await npmProject();
    project.copy("plain.mjs");
    project.copy("plain.cjs");
    const output = await bundle(project);
    rmSync(join(project.folder, "node_modules"), { recursive: true });
    await withLibzmq(async (endpoint) => {
      for (const runtime of [[process.execPath], [installed("bun")], [installed("deno"), "run", "-A"]]) {
        const [program, ...args] = runtime;
        const told = await project.run(program!, ...args, output, endpoint);
        assertStringIncludes(told, ANSWERED);
        assertStringIncludes(told, PUBLIC_KEY);
      }
    });
  }, { timeout: TIMEOUT });
}

bundled("esbuild, as an ES module", async ({ folder }) => {
  await buildWithEsbuild({
    absWorkingDir: folder,
    entryPoints: ["plain.mjs"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    outfile: "out/bundle.mjs",
    logLevel: "silent",
  });
  return "out/bundle.mjs";
});

bundled("esbuild, as CommonJS", async ({ folder }) => {
  await buildWithEsbuild({
    absWorkingDir: folder,
    entryPoints: ["plain.cjs"],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    outfile: "out/bundle.cjs",
    logLevel: "silent",
  });
  return "out/bundle.cjs";
});

bundled("Vite's build for servers", async ({ folder }) => {
  await buildWithVite({
    root: folder,
    configFile: false,
    logLevel: "error",
    build: { ssr: "plain.mjs", outDir: "out", target: "node20", minify: true },
    // Else the package is left where it is, and not bundled.
    ssr: { noExternal: true },
  });
  return "out/plain.js";
});
