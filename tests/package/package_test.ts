/**
 * The contents of the packed package: files, exports and declarations, as `scripts/npm_package/manifest.ts` promises
 * them.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join, posix } from "node:path";
import process from "node:process";
import { exportedNames } from "../../scripts/gate/exported_names.ts";
import { installed } from "../../scripts/gate/process.ts";
import { entryFiles, ROOT } from "../../scripts/gate/source_files.ts";
import { isDntFile, polyfillFiles } from "../../scripts/npm_package/dnt_files.ts";
import { LOWEST } from "../../scripts/npm_package/lowest.ts";
import {
  BUILDS,
  denoConfig,
  manifest,
  NPM_NAME,
  promisedFiles,
  REPOSITORY,
} from "../../scripts/npm_package/manifest.ts";
import { test } from "../support/harness.ts";
import { filesBelow } from "./support/files.ts";
import { npmProject, packed, type Project } from "./support/project.ts";

const TIMEOUT = 120_000;
/** A line of src/composites/proxy.ts, which stands in the code as well. */
const MARK = "Cannot run the proxy again";
const ENTRIES = Object.entries(entryFiles());

let installation: Promise<Project> | undefined;

function packageTest(name: string, fn: (project: Project, folder: string) => void | Promise<void>): void {
  test(`package: ${name}`, async () => {
    const project = await (installation ??= npmProject());
    await fn(project, join(project.folder, "node_modules", NPM_NAME));
  }, { timeout: TIMEOUT });
}

packageTest("holds the files that are promised, and no others", (_, folder) => {
  // Files that dnt may add are allowed: the release must not fail because of them.
  assertEquals(filesBelow(folder).filter((path) => !isDntFile(path)), promisedFiles());
});

packageTest("has the manifest that is promised, and one dependency", (_, folder) => {
  const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  assertEquals(found, manifest(polyfillFiles(folder)));
  assertEquals(found.engines, { node: `>=${LOWEST.Node}` });
  assertEquals(Object.keys(found.dependencies as object), ["libsodium-sumo"]);
  assertEquals(found.scripts, undefined);
  assertEquals([found.license, found.publishConfig], ["MIT", { access: "public", provenance: true }]);
  // The repository that provenance is compared with.
  assertEquals(found.repository, { type: "git", url: `git+${REPOSITORY}.git` });
  for (const field of ["description", "keywords", "homepage", "bugs"]) assert(found[field] !== undefined, field);
});

packageTest("has private fields as they are, and no shims", (_, folder) => {
  for (const build of BUILDS) {
    const code = readFileSync(join(folder, build, "src/engine/pipe/pipe.js"), "utf8");
    assert(code.includes("    #") && !code.includes("WeakMap"), `${build} has no private fields`);
  }
});

packageTest("has source maps that lead to the sources, inside the package", (_, folder) => {
  const maps = filesBelow(folder).filter((path) => path.endsWith(".map") && !isDntFile(path));
  assert(maps.length > 100);
  for (const path of maps) {
    const map = JSON.parse(readFileSync(join(folder, path), "utf8")) as SourceMapPayload;
    const source = path.replace(/^\w+\//, "").replace(/\.js\.map$/, ".ts");
    assertEquals(
      map.sources.map((name) => posix.join(posix.dirname(path), map.sourceRoot ?? "", name)),
      [source],
      path,
    );
    const text = readFileSync(join(ROOT, source), "utf8");
    assertEquals(map.sourcesContent, path.startsWith("esm/") ? [text] : undefined, path);
  }
});

packageTest("its source maps lead from the code to the line that it was made from", (_, folder) => {
  const wanted = readFileSync(join(ROOT, "src/composites/proxy.ts"), "utf8").split("\n").findIndex((line) =>
    line.includes(MARK)
  );
  for (const build of BUILDS) {
    const code = readFileSync(join(folder, build, "src/composites/proxy.js"), "utf8").split("\n");
    const line = code.findIndex((text) => text.includes(MARK));
    const map = new SourceMap(JSON.parse(readFileSync(join(folder, build, "src/composites/proxy.js.map"), "utf8")));
    const entry = map.findEntry(line, code[line]!.search(/\S/)) as { originalLine?: number };
    assertEquals(entry.originalLine, wanted, build);
  }
});

packageTest(
  "has the name that it has on JSR, imports nothing from JSR, and names no source as a module",
  (_, folder) => {
    assertEquals(NPM_NAME, denoConfig().name);

    for (const path of filesBelow(folder).filter((path) => /\.(?:js|ts)$/.test(path))) {
      const text = readFileSync(join(folder, path), "utf8");
      assert(!/["']jsr:/.test(text), `${path} imports from JSR`);
      assert(!/(?:from|import) "\.[^"]*\.ts"|import\("\.[^"]*\.ts"/.test(text), `${path} imports a source`);
    }
  },
);

packageTest("declares what the sources export, under the same names", async (_, folder) => {
  for (const [, entry] of ENTRIES) {
    const wanted = Object.keys(await exportedNames(join(ROOT, entry)));
    assert(wanted.length > 10);
    for (const build of BUILDS) {
      const declarations = join(folder, build, entry.replace(/\.ts$/, ".d.ts"));
      assertEquals(Object.keys(await exportedNames(declarations)), wanted, `${build}/${entry}`);
    }
  }
});

packageTest("exports what the sources export from every entry", async (project) => {
  const specifiers = ENTRIES.map(([name]) => NPM_NAME + name.slice(1));
  project.write(
    "names.mjs",
    `import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const names = {};
    for (const specifier of ${JSON.stringify(specifiers)}) {
      names[specifier] = [Object.keys(await import(specifier)).sort(), Object.keys(require(specifier)).sort()];
    }
    console.log(JSON.stringify(names));`,
  );
  const names = JSON.parse(await project.run(process.execPath, "names.mjs"));
  for (const [name, entry] of ENTRIES) {
    const wanted = Object.keys(await import(`../../${entry}`)).sort();
    assertEquals(names[NPM_NAME + name.slice(1)], [wanted, wanted], entry);
  }
});

packageTest("both builds know each other's errors, and refuse each other's contexts in words", async (project) => {
  project.copy("copies.mjs");
  assertEquals(JSON.parse(await project.run(process.execPath, "copies.mjs")), {
    classes: ["AuthError", "EndpointError", "ProtocolError", "RpcError", "ZmqError"],
    unknown: [],
    confused: [],
    contexts: Array(2).fill(
      "context is a Context of another copy of this library: " +
        "it was probably loaded by both import and require, or in two versions",
    ),
  });
});

packageTest("its core loads no transport", async (project) => {
  const code = `import { Push } from "${NPM_NAME}/core";
    try { await new Push().bind("tcp://127.0.0.1:0"); } catch ({ code }) { console.log(code); }`;
  project.write("core.mjs", code);
  assertEquals((await project.run(process.execPath, "core.mjs")).trim(), "EPROTONOSUPPORT");
});

packageTest("publint has nothing to say", async (project) => {
  await project.run(installed("publint"), "run", await packed(), "--strict");
});

packageTest("are the types wrong? No", async (project) => {
  await project.run(installed("attw"), await packed(), "--no-definitely-typed");
});
