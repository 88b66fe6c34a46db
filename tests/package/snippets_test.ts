/**
 * Every snippet of the documents and of the doc comments runs as it stands: its types are checked against the packed
 * package, it runs on Node and Bun with that package, and on Deno with the sources, which are what JSR has. It ends by
 * itself and prints what its comments say. One process per runtime runs them all.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals } from "@std/assert";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { installed } from "../../scripts/gate/process.ts";
import { notPrinted, type Snippet, snippetsOf } from "../../scripts/gate/snippets.ts";
import { documents, entryFiles, publishedRoots, ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { denoConfig } from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";
import { npmProject, type Project } from "./support/project.ts";

const TIMEOUT = 120_000;
const FILES = ["CHANGELOG.md", ...documents(), ...sourceFiles(publishedRoots(), ".ts")];
const SNIPPETS: readonly Snippet[] = FILES.flatMap((path) => snippetsOf(path, readFileSync(join(ROOT, path), "utf8")));
/** Packages that snippets may import besides the library, installed with the tools of this repository. */
const GUESTS: readonly string[] = ["hono"];

interface Run {
  readonly name: string;
  readonly printed: readonly string[];
  readonly failure?: string;
}

let preparing: Promise<Project> | undefined;

/** A project with the package, every snippet in a file of its own, and each compiled for Node. */
function prepared(): Promise<Project> {
  return preparing ??= (async () => {
    const project = await npmProject();
    for (const name of ["@types", ...GUESTS]) {
      symlinkSync(join(ROOT, "node_modules", name), join(project.folder, "node_modules", name), "junction");
    }
    const files = SNIPPETS.map((_, i) => `snippet_${i}.ts`);
    // A block without an import is a script, where `await` is not a keyword.
    SNIPPETS.forEach(({ code }, i) => project.write(files[i]!, `${code}\nexport {};\n`));
    project.copy("snippets.mjs");
    const options = {
      ...{ target: "ES2022", module: "esnext", moduleResolution: "bundler", lib: ["ES2023", "ESNext.Disposable"] },
      ...{
        types: ["node"],
        strict: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: true,
        outDir: "out",
        rootDir: ".",
      },
    };
    project.write("tsconfig.snippets.json", JSON.stringify({ compilerOptions: options, files }));
    return project;
  })();
}

/** Runs all snippets in one process of the runtime, and returns the problems. */
async function problems(suffix: string, program: string, ...args: string[]): Promise<string[]> {
  const project = await prepared();
  project.write("snippets.json", JSON.stringify(SNIPPETS.map(({ name }, i) => [name, suffix.replace("*", String(i))])));
  const output = await project.run(program, ...args, "snippets.mjs");
  const report = output.split("\n").find((line) => line.startsWith("REPORT "));
  const runs = JSON.parse(report!.slice("REPORT ".length)) as Run[];
  assertEquals(runs.map(({ name }) => name), SNIPPETS.map(({ name }) => name));
  return SNIPPETS.flatMap((snippet, i) => {
    const { failure, printed } = runs[i]!;
    if (failure !== undefined) return [`${snippet.name}: ${failure}`];
    const missing = notPrinted(snippet, printed);
    return missing.length === 0
      ? []
      : [`${snippet.name} does not print "${missing.join('", "')}": ${printed.join(" | ")}`];
  });
}

test("snippets: blocks of TypeScript are found with their output, in documents and in doc comments", () => {
  const page = "a\n\n```ts\nconsole.log(1); // 1\n```\n\n```ts ignore\nno\n```\n\n```sh\nno\n```\n";
  assertEquals(snippetsOf("a.md", page), [{ name: "a.md:3", code: "console.log(1); // 1\n", prints: ["1"] }]);
  const source = "x;\n/**\n * Does.\n *\n * ```ts\n * f();\n *\n *   g();\n * ```\n */\n// ```ts\n";
  assertEquals(snippetsOf("a.ts", source), [{ name: "a.ts:5", code: "f();\n\n  g();\n", prints: [] }]);
  assert(SNIPPETS.length > 80, `only ${SNIPPETS.length} snippets were found`);
});

test("snippets: missing output is found, for the format of each runtime", () => {
  const snippet = { name: "", code: "", prints: [`[ "A", "B" ]`, "2"] };
  assertEquals(notPrinted(snippet, ["['A', 'B']", "1", "2"]), []);
  assertEquals(notPrinted(snippet, ["2", "[ A, B ]"]), ["2"]);
  assertEquals(notPrinted(snippet, []), snippet.prints);
});

test("snippets: their types are right, against the package's declarations", async () => {
  const project = await prepared();
  const found = await project.run(installed("tsc"), "-p", "tsconfig.snippets.json").then(() => "", String);
  // Errors name the files of the project.
  assertEquals(found.replace(/snippet_(\d+)\.ts/g, (_, i) => SNIPPETS[Number(i)]!.name), "");
}, { timeout: TIMEOUT });

test("snippets: all run on Node with the package", async () => {
  assertEquals(await problems("./out/snippet_*.js", process.execPath), []);
}, { timeout: TIMEOUT });

test("snippets: all run on Bun with the package", async () => {
  assertEquals(await problems("./snippet_*.ts", installed("bun")), []);
}, { timeout: TIMEOUT });

test("snippets: all run on Deno with the sources", async () => {
  const project = await prepared();
  const { name } = denoConfig();
  const ours = Object.entries(entryFiles()).map(([subpath, file]) => [
    name + subpath.slice(1),
    pathToFileURL(join(ROOT, file)).href,
  ]);
  const libsodium = pathToFileURL(join(ROOT, "node_modules/libsodium/dist/modules/libsodium.js")).href;
  project.write("import_map.json", JSON.stringify({ imports: { ...Object.fromEntries(ours), libsodium } }));
  const flags = ["--allow-all", "--no-check", "--no-lock", "--quiet", "--import-map=import_map.json"];
  assertEquals(await problems("./snippet_*.ts", installed("deno"), "run", ...flags), []);
}, { timeout: TIMEOUT });
