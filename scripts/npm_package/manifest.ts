/**
 * The `package.json` of the npm package, generated from `deno.json`, and the list of files in the package.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { entryFiles, publishedRoots, ROOT, sourceFiles } from "../gate/source_files.ts";
import { LOWEST } from "./lowest.ts";

/** The name of the package on npm: the one in `deno.json`, so that it is the same as on JSR. */
export const NPM_NAME = "@monocoque/zmq";

/** Where the sources are. A release with provenance must be made by a workflow of this repository. */
export const REPOSITORY = "https://github.com/monocoque/zmq";

/** The used part of `deno.json`. */
export interface DenoConfig {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** Where an export leads: the file and its declarations, for both module formats. */
export interface ExportTarget {
  readonly import: Readonly<Record<"types" | "default", string>>;
  readonly require: Readonly<Record<"types" | "default", string>>;
}

/** The runtime dependencies; the rest of `imports` in `deno.json` is for tests and builds. */
const DEPENDENCIES = ["libsodium-sumo"];
/** The two builds, each a folder. */
export const BUILDS = ["esm", "script"] as const;

/** Reads `deno.json`. */
export function denoConfig(): DenoConfig {
  return JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as DenoConfig;
}

/**
 * The fields of `package.json`.
 *
 * @param polyfills Files of the package that dnt added, and that do something when they are loaded.
 */
export function manifest(polyfills: readonly string[] = []): Record<string, unknown> {
  const { version, license, imports } = denoConfig();
  const dependencies = DEPENDENCIES.map((name) => [name, imports[name]!.slice(`npm:${name}@`.length)]);
  return {
    name: NPM_NAME,
    version,
    description:
      "ZeroMQ in pure TypeScript: RPC, publish–subscribe and work queues on Deno, Bun and Node, without a native addon",
    keywords: [
      ...[
        "zeromq",
        "zmq",
        "zmtp",
        "libzmq",
        "messaging",
        "message-queue",
        "queue",
        "work-queue",
        "rpc",
        "request-reply",
      ],
      ...["pubsub", "pub-sub", "publish-subscribe", "push-pull", "dealer", "router", "sockets", "tcp", "ipc", "inproc"],
      ...["curve", "typescript", "deno", "bun", "node"],
    ],
    homepage: `${REPOSITORY}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    license,
    type: "module",
    engines: { node: `>=${LOWEST.Node}` },
    main: "./script/mod.js",
    module: "./esm/mod.js",
    types: "./script/mod.d.ts",
    exports: { ...npmExports(), "./package.json": "./package.json" },
    // For moduleResolution node10 of TypeScript, which does not know `exports`.
    typesVersions: { "*": declarationsBySubpath() },
    // Importing mod.js registers the transports; the files of the drop-in define properties of its classes.
    sideEffects: [...BUILDS.flatMap((build) => [`./${build}/mod.js`, `./${build}/src/zeromq/*.js`]), ...polyfills],
    files: [...BUILDS, "README.md", "LICENSE"],
    dependencies: Object.fromEntries(dependencies),
    publishConfig: { access: "public", provenance: true },
  };
}

/** The exports of `deno.json`, each for `import` and for `require`, with the types first. */
function npmExports(): Record<string, ExportTarget> {
  const target = (build: typeof BUILDS[number], path: string) => {
    const stem = `./${build}/${path.slice(0, -".ts".length)}`;
    return { types: `${stem}.d.ts`, default: `${stem}.js` };
  };
  return Object.fromEntries(
    Object.entries(entryFiles()).map(([name, path]) => [name, {
      import: target("esm", path),
      require: target("script", path),
    }]),
  );
}

/** The declarations of each subpath, by its name without `./`. */
function declarationsBySubpath(): Record<string, string[]> {
  const subpaths = Object.entries(npmExports()).filter(([name]) => name !== ".");
  return Object.fromEntries(subpaths.map(([name, target]) => [name.slice("./".length), [target.require.types]]));
}

/** Every file of the package, sorted: each source as code, source map and declarations, in both builds. */
export function promisedFiles(): string[] {
  const stems = sourceFiles(publishedRoots(), ".ts")
    .filter((path) => !path.endsWith(".d.ts"))
    .map((path) => path.slice(0, -".ts".length));
  const built = BUILDS.flatMap((build) =>
    stems.flatMap((stem) => [".js", ".js.map", ".d.ts"].map((suffix) => `${build}/${stem}${suffix}`))
  );
  return [...built, "LICENSE", "README.md", "package.json", "script/package.json"].sort();
}
