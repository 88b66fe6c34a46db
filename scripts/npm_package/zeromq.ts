/**
 * The npm package `@monocoque/zeromq`, in two versions: its root is the drop-in for zeromq.js 6, or the one for version 5.
 * It has no code of its own, only files that lead to `@monocoque/zmq` (ADR 17).
 *
 * @module
 */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../gate/source_files.ts";
import { denoConfig, manifest, NPM_NAME } from "./manifest.ts";

/** The name of the package on npm. */
export const ZEROMQ_NAME = "@monocoque/zeromq";

/** The folder with a folder per version, and the README of both. */
export const ZEROMQ_FOLDER = "npm-zeromq";

/** The major versions of zeromq.js that the package replaces, each a folder. */
export const ZEROMQ_MAJORS = ["v6", "v5"] as const;

/** One of {@link ZEROMQ_MAJORS}. */
export type ZeromqMajor = typeof ZEROMQ_MAJORS[number];

/** The last minor version of zeromq.js 5, which has had no other since 2022. */
const LAST_OF_5 = "5.3";

const SIX = `${NPM_NAME}/zeromq`;
const FIVE = `${SIX}/v5-compat`;
/** By version, the modules of the package as zeromq.js has them, and where each leads. */
const MODULES: Readonly<Record<ZeromqMajor, Readonly<Record<string, string>>>> = {
  v6: { "lib/index": SIX, "lib/native": SIX, "lib/compat": FIVE, "v5-compat": FIVE },
  v5: { "lib/index": FIVE },
};
/** Names of `exports`; zeromq.js has none, so that all of its files can be loaded. */
const EXPORTS: Readonly<Record<ZeromqMajor, Readonly<Record<string, string>>>> = {
  v6: {
    ".": "./lib/index.js",
    "./v5-compat": "./v5-compat.js",
    "./v5-compat.js": "./v5-compat.js",
    "./lib": "./lib/index.js",
    "./lib/*.js": "./lib/*.js",
    "./lib/*": "./lib/*.js",
    "./package.json": "./package.json",
  },
  v5: { ".": "./lib/index.js", "./package.json": "./package.json" },
};

/**
 * The version: major and minor of the zeromq.js that it replaces, so that its dependents' ranges accept it, and a patch
 * that grows with the version of this library.
 *
 * @param library The version of this library, such as `1.2.3`.
 * @param installed The version of zeromq.js whose typings and behavior are tested.
 * @throws {RangeError} If a part of the library's version has no room.
 */
export function zeromqVersion(major: ZeromqMajor, library: string, installed: string): string {
  const [first, minor, patch] = library.split(".").map(Number) as [number, number, number];
  if (minor > 99 || patch > 99) throw new RangeError(`${library} has a part above 99: see zeromqVersion()`);
  const line = major === "v5" ? LAST_OF_5 : installed.split(".").slice(0, 2).join(".");
  return `${line}.${first * 10_000 + minor * 100 + patch}`;
}

/** The fields of its `package.json`. */
export function zeromqManifest(major: ZeromqMajor): Record<string, unknown> {
  const { version } = denoConfig();
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const { homepage, bugs, repository, license, engines, publishConfig } = manifest();
  return {
    name: ZEROMQ_NAME,
    version: zeromqVersion(major, version, devDependencies.zeromq!),
    description: `zeromq.js ${major.slice(1)} without a native addon, on Deno, Bun and Node: to install as "zeromq"`,
    keywords: ["zeromq", "zmq", "zmtp", "libzmq", "drop-in", "messaging", "typescript", "deno", "bun", "node"],
    ...{ homepage, bugs, repository, license },
    // One copy of the library for `import` and `require`, as with zeromq.js.
    type: "commonjs",
    engines,
    main: "./lib/index.js",
    types: "./lib/index.d.ts",
    exports: EXPORTS[major],
    files: ["lib", ...major === "v6" ? ["v5-compat.js", "v5-compat.d.ts"] : [], "README.md", "LICENSE"],
    dependencies: { [NPM_NAME]: `^${version}` },
    // `latest` is version 6.
    publishConfig: major === "v6" ? publishConfig : { ...publishConfig as object, tag: major },
  };
}

/** Every file of the package, sorted. */
export function zeromqFiles(major: ZeromqMajor): string[] {
  const modules = Object.keys(MODULES[major]).flatMap((stem) => [`${stem}.js`, `${stem}.d.ts`]);
  return [...modules, "LICENSE", "README.md", "package.json"].sort();
}

/** Writes both versions below `folder`, which has the README. */
export function buildZeromq(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name !== "README.md") rmSync(join(folder, name), { recursive: true });
  }
  for (const major of ZEROMQ_MAJORS) {
    const write = (path: string, text: string) => {
      const target = join(folder, major, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    };
    for (const [stem, specifier] of Object.entries(MODULES[major])) {
      // Node and Deno find the names in this form alone.
      write(`${stem}.js`, `"use strict";\nmodule.exports = require("${specifier}");\n`);
      write(`${stem}.d.ts`, `export * from "${specifier}";\n`);
    }
    write("package.json", `${JSON.stringify(zeromqManifest(major), null, 2)}\n`);
    copyFileSync(join(ROOT, "LICENSE"), join(folder, major, "LICENSE"));
    copyFileSync(join(ROOT, ZEROMQ_FOLDER, "README.md"), join(folder, major, "README.md"));
  }
}
