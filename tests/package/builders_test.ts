/**
 * The builders of the package: both make the same, and which of them does is never left to chance. dnt is played.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, type Outcome, run } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { BUILDS, manifest, promisedFiles } from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";
import { filesBelow } from "./support/files.ts";
import { Project } from "./support/project.ts";

const TIMEOUT = 120_000;
const PLAYED = fileURLToPath(new URL("support/played_dnt.ts", import.meta.url));
const PLAYED_THAT_ADDS = fileURLToPath(new URL("support/played_dnt_that_adds.ts", import.meta.url));

/** Builds into `built/` of a project, with a module in the place of dnt. */
function build(project: Project, dnt: string, ...args: string[]): Promise<Outcome> {
  project.write("import_map.json", JSON.stringify({ imports: { "@deno/dnt": dnt } }));
  const into = relative(ROOT, join(project.folder, "built"));
  const flags = ["--allow-all", "--no-check", "--import-map", join(project.folder, "import_map.json")];
  return run(installed("deno"), ["run", ...flags, "scripts/build_npm.ts", "--into", into, ...args], {
    timeout: 2 * TIMEOUT,
  });
}

test("package: dnt and the TypeScript compiler build the same files", async () => {
  const [one, other] = [new Project(), new Project()];
  const byDnt = await build(one, PLAYED);
  assertEquals(byDnt.code, 0, byDnt.output);
  assertEquals(byDnt.stdout.split("\n").at(-1)?.endsWith("with dnt"), true, byDnt.output);
  const byTsc = await build(other, PLAYED, "--builder", "tsc");
  assertStringIncludes(byTsc.stdout, "with tsc, as asked for");
  const files = filesBelow(join(one.folder, "built"));
  assertEquals(files, promisedFiles().filter((path) => path !== "README.md"));
  for (const path of files.filter((path) => /\.map$|\.d\.ts$|\.json$/.test(path))) {
    const [found, wanted] = [one, other].map(({ folder }) => readFileSync(join(folder, "built", path), "utf8"));
    assertEquals(found, wanted, path);
  }
}, { timeout: TIMEOUT });

test("package: additions of dnt have no effect, and move no line of a source map", async () => {
  const [one, other] = [new Project(), new Project()];
  const byDnt = await build(one, PLAYED_THAT_ADDS, "--builder", "dnt");
  assertEquals(byDnt.code, 0, byDnt.output);
  assertEquals((await build(other, PLAYED, "--builder", "dnt")).code, 0);
  const [found, wanted] = [one, other].map(({ folder }) => join(folder, "built")) as [string, string];
  const added = ["_dnt.polyfills", "_dnt.shims"].flatMap((stem) =>
    BUILDS.flatMap((build) => [".d.ts", ".js", ".js.map"].map((suffix) => `${build}/${stem}${suffix}`))
  );
  assertEquals(filesBelow(found), [...filesBelow(wanted), ...added].sort());

  const polyfills = BUILDS.map((build) => `./${build}/_dnt.polyfills.js`);
  assertEquals(JSON.parse(readFileSync(join(found, "package.json"), "utf8")), manifest(polyfills));
  assert((manifest(polyfills).sideEffects as string[]).includes(polyfills[0]!));
  let lines = 0;
  let entries = 0;
  let shimmed = 0;
  for (const path of filesBelow(wanted).filter((path) => path.endsWith(".js.map"))) {
    const [map, like] = [found, wanted].map((folder) => JSON.parse(readFileSync(join(folder, path), "utf8")));
    assertEquals([map.sources, map.sourcesContent], [like.sources, like.sourcesContent], path);
    const code = path.slice(0, -".map".length);
    const [moved, right] = [originsOf(found, code), originsOf(wanted, code)];
    for (const [text, line] of right) assertEquals(moved.get(text), line, `${path}: ${text}`);
    lines += right.size;
    const text = readFileSync(join(found, code), "utf8");
    if (text.includes("_dnt.polyfills.js")) entries++;
    if (text.includes("_dnt.shims.js")) shimmed++;
  }
  assert(lines > 5000 && shimmed > 5, `${lines}, ${shimmed}`);
  assertEquals(entries, 5 * BUILDS.length);
}, { timeout: TIMEOUT });

/** The line of the source of each line of code that is from one, by its text; of lines that are there twice, the last. */
function originsOf(folder: string, code: string): Map<string, number | undefined> {
  const map = new SourceMap(JSON.parse(readFileSync(join(folder, `${code}.map`), "utf8")) as SourceMapPayload);
  const lines = readFileSync(join(folder, code), "utf8").split("\n").flatMap((text, line) => {
    const entry = map.findEntry(line, text.length) as { generatedLine?: number; originalLine?: number };
    if (entry.generatedLine !== line) return [];
    return [[text.replaceAll("dntShim.", ""), entry.originalLine]] as const;
  });
  return new Map(lines);
}

test("package: an unreachable dnt is replaced and reported, unless dnt was requested", async () => {
  const project = new Project();
  const nowhere = "./nowhere.ts";
  const { code, stdout, output } = await build(project, nowhere);
  assertEquals(code, 0, output);
  assertStringIncludes(stdout.split("\n").at(-1)!, "with tsc, dnt is out of reach: ");
  assertNotEquals((await build(project, nowhere, "--builder", "dnt")).code, 0);
}, { timeout: TIMEOUT });

test("package: a dnt that is available and fails is an error", async () => {
  const project = new Project();
  project.write("broken.ts", `throw new TypeError("broken when loaded");`);
  project.write("failing.ts", `export const build = () => Promise.reject(new Error("does not build"));`);
  for (const [dnt, words] of [["./broken.ts", "broken when loaded"], ["./failing.ts", "does not build"]] as const) {
    const { code, output } = await build(project, dnt);
    assertNotEquals(code, 0);
    assertStringIncludes(output, words);
  }
}, { timeout: TIMEOUT });
