/**
 * The package `@monocoque/zeromq`, installed under the name `zeromq`: its contents, and programs of zeromq.js that talk to
 * libzmq with it.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { satisfies } from "semver";
import { installed } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { denoConfig } from "../../scripts/npm_package/manifest.ts";
import {
  ZEROMQ_FOLDER,
  ZEROMQ_MAJORS,
  ZEROMQ_NAME,
  zeromqFiles,
  zeromqManifest,
  zeromqVersion,
} from "../../scripts/npm_package/zeromq.ts";
import { test } from "../support/harness.ts";
import { filesBelow } from "./support/files.ts";
import { ANSWERED, withLibzmq } from "./support/libzmq.ts";
import { askForOurs, npmInstall, packed, Project, serveZeromq } from "./support/project.ts";
import { TYPES } from "./support/types.ts";

const TIMEOUT = 120_000;

let installing: Promise<Project> | undefined;

/** A project that has both versions: 6 as `zeromq`, and 5 as `zeromq5`. */
function installation(): Promise<Project> {
  return installing ??= (async () => {
    const project = new Project();
    project.declare();
    await using registry = await serveZeromq();
    askForOurs(project, registry);
    await npmInstall(project, `zeromq@npm:${ZEROMQ_NAME}`, `zeromq5@npm:${ZEROMQ_NAME}@5`);
    return project;
  })();
}

test("drop-in package: its version is in the ranges of dependents, and grows with this library", () => {
  const six = (library: string) => zeromqVersion("v6", library, "6.8.0");
  assertEquals([six("0.1.0"), six("1.2.3"), six("12.0.99")], ["6.8.100", "6.8.10203", "6.8.120099"]);
  assertEquals(zeromqVersion("v5", "1.2.3", "6.8.0"), "5.3.10203");
  for (const range of ["^6.0.0", "^6.0.0-beta.6", "~6.8.0", "6", ">=5"]) {
    assertEquals(satisfies(six("0.1.0"), range), true);
  }
  assertThrows(() => six("0.100.0"), RangeError, "above 99");
});

for (const [major, name] of [["v6", "zeromq"], ["v5", "zeromq5"]] as const) {
  test(`drop-in package: ${major} holds the files and the manifest that are promised`, async () => {
    const folder = join((await installation()).folder, "node_modules", name);
    const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
    assertEquals(filesBelow(folder), zeromqFiles(major));
    assertEquals(found, zeromqManifest(major));
    assertEquals(found.dependencies, { "@monocoque/zmq": `^${denoConfig().version}` });
  }, { timeout: TIMEOUT });

  test(`drop-in package: publint and Are the types wrong? have nothing to say about ${major}`, async () => {
    const tarball = await packed(`${ZEROMQ_FOLDER}/${major}`);
    const project = await installation();
    await project.run(installed("publint"), "run", tarball, "--strict");
    const definite = ["--no-definitely-typed", "--exclude-entrypoints", "package.json"];
    await project.run(installed("attw"), tarball, ...definite);
  }, { timeout: TIMEOUT });
}

test(
  "drop-in package: a program of zeromq.js, ESM and CommonJS, asks libzmq on Node, Bun and Deno",
  () =>
    withLibzmq(async (endpoint) => {
      const project = await installation();
      const runtimes = { [process.execPath]: [], [installed("bun")]: [], [installed("deno")]: ["run", "--allow-all"] };
      for (const [program, flags] of Object.entries(runtimes)) {
        for (const file of ["zeromq.mjs", "zeromq.cjs"]) {
          project.copy(file);
          assertStringIncludes(await project.run(program, ...flags, file, endpoint), ANSWERED, `${program} ${file}`);
        }
      }
    }),
  { timeout: TIMEOUT },
);

test("drop-in package: version 5 is the API of zeromq.js 5, and one copy of the library with version 6", async () => {
  const project = await installation();
  project.write(
    "five.cjs",
    `const five = require("zeromq5");
    const [pull, push] = [five.socket("pull"), five.createSocket("push", { linger: 0 })];
    pull.on("message", (...frames) => {
      console.log(frames.join(" "), five === require("zeromq/v5-compat"), require("zeromq5/package.json").version);
      for (const socket of [push, pull]) socket.close();
    });
    pull.bindSync("inproc://five");
    push.connect("inproc://five").send(["job", "42"]);`,
  );
  assertEquals((await project.run(process.execPath, "five.cjs")).trim(), `job 42 true ${zeromqManifest("v5").version}`);
}, { timeout: TIMEOUT });

test(
  "drop-in package: TypeScript compiles a program of zeromq.js, as ESM and CommonJS",
  () =>
    withLibzmq(async (endpoint) => {
      const project = await installation();
      for (const name of ["typed.mts", "typed.cts", "bundled.ts"]) project.copy("zeromq.ts", name);
      project.write(
        "default.mts",
        `import zmq from "zeromq";\nexport const push: zmq.Push = new zmq.Push();\npush.close();\n`,
      );
      const common = {
        target: "ES2022",
        strict: true,
        skipLibCheck: false,
        outDir: "out",
        rootDir: ".",
        ...TYPES.node,
      };
      const node16 = { ...common, module: "node16", moduleResolution: "node16" };
      const bundler = { ...common, module: "esnext", moduleResolution: "bundler" };
      const compile = async (compilerOptions: object, files: string[]) => {
        project.write("tsconfig.zeromq.json", JSON.stringify({ compilerOptions, files }));
        await project.run(installed("tsc"), "-p", "tsconfig.zeromq.json");
      };
      await compile(node16, ["typed.mts", "typed.cts", "default.mts"]);
      await compile(bundler, ["bundled.ts", "default.mts"]);
      for (const name of ["typed.mjs", "typed.cjs", "bundled.js"]) {
        assertStringIncludes(await project.run(process.execPath, `out/${name}`, endpoint), ANSWERED, name);
      }
      await project.run(process.execPath, "out/default.mjs");
    }),
  { timeout: TIMEOUT },
);

test("drop-in package: Bun adds it, and it asks libzmq", () =>
  withLibzmq(async (endpoint) => {
    const project = new Project();
    project.declare();
    await using registry = await serveZeromq();
    askForOurs(project, registry);
    const cache = { BUN_INSTALL_CACHE_DIR: join(project.folder, "cache") };
    await project.runWith(cache, installed("bun"), "add", `zeromq@npm:${ZEROMQ_NAME}`);
    for (const file of ["zeromq.mjs", "zeromq.ts"]) {
      project.copy(file);
      assertStringIncludes(await project.run(installed("bun"), file, endpoint), ANSWERED);
    }
  }), { timeout: TIMEOUT });

test(
  "drop-in package: Deno takes it in an import map and in package.json, and it asks libzmq",
  () =>
    withLibzmq(async (endpoint) => {
      await using registry = await serveZeromq(await packed("node_modules/libsodium-sumo"));
      const specifier = `npm:${ZEROMQ_NAME}@6`;
      const settings = { lock: false, nodeModulesDir: "none" };
      const projects: Readonly<Record<string, object>>[] = [
        { "deno.json": { ...settings, imports: { zeromq: specifier, "zeromq/v5-compat": `${specifier}/v5-compat` } } },
        { "deno.json": settings, "package.json": { type: "module", dependencies: { zeromq: specifier } } },
      ];
      for (const files of projects) {
        const project = new Project();
        for (const [name, content] of Object.entries(files)) project.write(name, JSON.stringify(content));
        project.write(".npmrc", `registry=${registry.url}\n`);
        // Without node_modules Deno has no `require` of packages in files of the user.
        project.write(
          "imported.mjs",
          `import * as zmq from "zeromq";
        import { Socket } from "zeromq/v5-compat";
        const request = new zmq.Request({ receiveTimeout: 10_000 });
        request.connect(process.argv[2]);
        await request.send("hello");
        console.log("answered " + (await request.receive()), Socket("pair").close().closed);
        request.close();`,
        );
        const env = { DENO_DIR: join(project.folder, "cache") };
        const output = await project.runWith(env, installed("deno"), "run", "--allow-all", "imported.mjs", endpoint);
        assertStringIncludes(output, `${ANSWERED} true`, JSON.stringify(files));
      }
    }),
  { timeout: TIMEOUT },
);

test("drop-in package: every version has the README of the repository", async () => {
  const text = readFileSync(join(ROOT, ZEROMQ_FOLDER, "README.md"), "utf8");
  for (const name of ["zeromq", "zeromq5"]) {
    assertEquals(readFileSync(join((await installation()).folder, "node_modules", name, "README.md"), "utf8"), text);
  }
  assertEquals(ZEROMQ_MAJORS.length, 2);
}, { timeout: TIMEOUT });

test("drop-in package: packages that depend on zeromq.js get it, by the lines of docs/migration.md", async () => {
  const page = readFileSync(join(ROOT, "docs/migration.md"), "utf8");
  const lines = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)![1]!) as Record<string, Record<string, string>>;
  const ranges = { four: "^4.6.0", five: "5", six: "^6.5.0", beta: "6.0.0-beta.6" };
  const dependents = Object.keys(ranges);
  /** Installs, and returns the version of zeromq that each gets. */
  const versions = async (names: readonly string[], dependencies: object, overrides: object) => {
    const project = new Project();
    const folders = names.map((name) => {
      const folder = join(project.folder, "packages", name);
      mkdirSync(folder, { recursive: true });
      const manifest = { name, version: "1.0.0", dependencies: { zeromq: ranges[name as keyof typeof ranges] } };
      writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
      writeFileSync(
        join(folder, "index.js"),
        `exports.version = require("zeromq/package.json").version; exports.old = "socket" in require("zeromq");`,
      );
      return [name, `file:packages/${name}`];
    });
    const all = { ...Object.fromEntries(folders), ...dependencies };
    project.write("package.json", JSON.stringify({ private: true, dependencies: all, overrides }));
    await using registry = await serveZeromq();
    askForOurs(project, registry);
    await npmInstall(project, "--install-links", "--ignore-scripts");
    project.write("versions.cjs", `for (const name of ${JSON.stringify(names)}) console.log(name, require(name));`);
    return (await project.run(process.execPath, "versions.cjs")).trim().split("\n");
  };
  const [six, five] = [zeromqManifest("v6").version, zeromqManifest("v5").version];
  const got = { four: [five, true], five: [five, true], six: [six, false], beta: [six, false] };
  const told = (name: string) => {
    const [version, old] = got[name as keyof typeof got];
    return `${name} { version: '${version}', old: ${old} }`;
  };
  assertEquals(await versions(dependents, lines.dependencies!, lines.overrides!), dependents.map(told));
  // The alias alone is enough for a range of version 6.
  assertEquals(await versions(["six"], lines.dependencies!, {}), [told("six")]);
}, { timeout: TIMEOUT });
