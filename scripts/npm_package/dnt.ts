/**
 * Builds with dnt, which comes from JSR.
 *
 * @module
 */

import { entryFiles } from "../gate/source_files.ts";
import { manifest } from "./manifest.ts";

/**
 * The used part of dnt's options, under its names and types. Its own declarations are on JSR, which the gate cannot
 * ask.
 */
export interface DntOptions {
  readonly entryPoints: readonly { readonly name: string; readonly path: string }[];
  readonly outDir: string;
  readonly shims: Readonly<Record<string, boolean>>;
  readonly test: boolean;
  readonly typeCheck: "both" | "single" | false;
  readonly declaration: "inline" | "separate" | false;
  readonly skipSourceOutput: boolean;
  readonly skipNpmInstall: boolean;
  readonly importMap: string;
  readonly compilerOptions: {
    readonly target: "ES2022";
    readonly lib: readonly string[];
    readonly sourceMap: boolean | "inline";
    readonly inlineSources: boolean;
  };
  readonly package: ReturnType<typeof manifest>;
}

/** The used part of dnt. */
export interface Dnt {
  build(options: DntOptions): Promise<void>;
}

/** Loads it; rejects if it cannot. */
export async function loadDnt(): Promise<Dnt> {
  // Not a literal, so that type checking does not ask for JSR.
  const specifier: string = "@deno/dnt";
  return await import(specifier) as Dnt;
}

/** Builds into `folder`. */
export function buildWithDnt(dnt: Dnt, folder: string): Promise<void> {
  return dnt.build({
    entryPoints: Object.entries(entryFiles()).map(([name, path]) => ({ name, path: `./${path}` })),
    outDir: folder,
    shims: {},
    test: false,
    // The gate has checked the types already.
    typeCheck: false,
    declaration: "inline",
    skipSourceOutput: true,
    skipNpmInstall: true,
    // It maps the bare `libsodium-sumo`.
    importMap: "deno.json",
    // dnt's default target turns #private fields into WeakMaps.
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022", "ESNext.Disposable", "DOM"],
      sourceMap: true,
      inlineSources: true,
    },
    package: manifest(),
  });
}
