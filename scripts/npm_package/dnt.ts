/**
 * Builds with dnt, which comes from JSR.
 *
 * @module
 */

import { entryFiles } from "../gate/source_files.ts";
import { manifest } from "./manifest.ts";

interface Dnt {
  build(options: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Builds into `folder`; resolves with `false`, having built nothing, when dnt cannot be loaded. */
export async function buildWithDnt(folder: string): Promise<boolean> {
  const dnt = await loadDnt();
  if (dnt === undefined) return false;
  await dnt.build({
    entryPoints: Object.entries(entryFiles()).map(([name, path]) => ({ name, path: `./${path}` })),
    outDir: folder,
    shims: {},
    test: false,
    // The gate has checked the types already.
    typeCheck: false,
    declaration: "inline",
    sourceMap: true,
    skipSourceOutput: true,
    skipNpmInstall: true,
    // dnt's default target turns #private fields into WeakMaps.
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022", "ESNext.Disposable", "DOM"],
      inlineSources: true,
    },
    package: manifest(),
  });
  return true;
}

async function loadDnt(): Promise<Dnt | undefined> {
  // Not a literal, so that type checking does not ask for JSR.
  const specifier: string = "@deno/dnt";
  try {
    return await import(specifier) as Dnt;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    console.log(
      `dnt cannot be loaded, building with the TypeScript compiler instead (${reason})`,
    );
    return undefined;
  }
}
