/**
 * The `package.json` of the npm package, made from `deno.json`.
 *
 * @module
 */

import { readFileSync } from "node:fs";

/** What the package is called on npm; on JSR it has the name in `deno.json`. */
export const NPM_NAME = "monocoque-zmq";

/** What this needs of `deno.json`. */
export interface DenoConfig {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly imports: Readonly<Record<string, string>>;
}

/** What the package needs when it runs; the rest of `imports` in `deno.json` is for tests and builds. */
const DEPENDENCIES = ["libsodium"];

/** Reads `deno.json` in the current folder. */
export function denoConfig(): DenoConfig {
  return JSON.parse(readFileSync("deno.json", "utf8")) as DenoConfig;
}

/** The fields of `package.json`. */
export function manifest(): Record<string, unknown> {
  const { version, license, imports } = denoConfig();
  const dependencies = DEPENDENCIES.map((name) => [name, imports[name]!.slice(`npm:${name}@`.length)]);
  return {
    name: NPM_NAME,
    version,
    description: "ZeroMQ in TypeScript from scratch: no native addon, for Deno, Bun and Node",
    keywords: [
      "zeromq",
      "zmq",
      "zmtp",
      "messaging",
      "queue",
      "pubsub",
      "sockets",
      "deno",
      "bun",
      "node",
    ],
    license,
    type: "module",
    engines: { node: ">=20" },
    main: "./script/mod.js",
    module: "./esm/mod.js",
    types: "./esm/mod.d.ts",
    exports: {
      ".": {
        import: { types: "./esm/mod.d.ts", default: "./esm/mod.js" },
        require: { types: "./script/mod.d.ts", default: "./script/mod.js" },
      },
      "./package.json": "./package.json",
    },
    // Importing mod.js registers the transports.
    sideEffects: ["./esm/mod.js", "./script/mod.js"],
    files: ["esm", "script", "README.md", "LICENSE"],
    dependencies: Object.fromEntries(dependencies),
  };
}
