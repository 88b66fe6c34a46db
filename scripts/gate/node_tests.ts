/**
 * JavaScript for Node of test files and of all that they import, module by module: tsx would take a second of each process.
 * `import.meta.url` in it is still the source's, and so are the files and lines of stack traces.
 *
 * @module
 */

import { build, type Plugin } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { cacheFolder } from "./cache.ts";
import { ROOT } from "./source_files.ts";

/** Imports of TypeScript by a path that is computed; only tsx runs those. */
const COMPUTED_IMPORT = /\bimport\((?!\s*(["'])[^"'\n]*\1\s*[,)])/;
const OWN_URL = "__sourceUrl";

/** The folder with the JavaScript of test files: `tests/a_test.ts` is `tests/a_test.mjs` there. */
export class NodeTests {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Translates those of the files that need no tsx. */
  static async make(files: readonly string[]): Promise<NodeTests> {
    const folder = cacheFolder("tests-");
    const made = new Set<string>();
    let next = ["tests/support/node_tests.ts", ...files.filter(isTranslatable)].map((path) => join(ROOT, path));
    // Not the whole tree, of which a single test file needs little.
    while (next.length > 0) {
      for (const path of next) made.add(path);
      next = [...await translate(next, folder)].filter((path) => !made.has(path));
    }
    return new NodeTests(folder);
  }

  /** Returns the program of a source file, if it was translated. */
  find(path: string): string | undefined {
    const made = join(this.#folder, relative(ROOT, resolve(ROOT, path))).replace(/\.ts$/, ".mjs");
    return existsSync(made) ? made : undefined;
  }
}

function isTranslatable(path: string): boolean {
  return !path.startsWith("..") && !COMPUTED_IMPORT.test(readFileSync(join(ROOT, path), "utf8"));
}

/** Translates modules, and returns those that they import. */
async function translate(paths: readonly string[], folder: string): Promise<ReadonlySet<string>> {
  const imported = new Set<string>();
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...paths],
    plugins: [moduleByModule(imported)],
    bundle: true,
    treeShaking: false,
    keepNames: true,
    define: { "import.meta.url": OWN_URL },
    format: "esm",
    platform: "node",
    target: "node20",
    outbase: ROOT,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
  });
  return imported;
}

/** Leaves all imports in place, and names the modules that are to be translated too. */
function moduleByModule(imported: Set<string>): Plugin {
  const aliases = readAliases();
  return {
    name: "module by module",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
        if (kind === "entry-point") return undefined;
        const from = dirname(importer);
        const source = aliases.get(path) ?? (/^\.{0,2}\//.test(path) ? resolve(from, path) : undefined);
        if (source === undefined) return { path, external: true };
        if (!source.endsWith(".ts")) return { path: source, external: true };
        imported.add(source);
        const to = relative(from, source).replace(/\.ts$/, ".mjs");
        return { path: to.startsWith(".") ? to : `./${to}`, external: true };
      });
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        // Without a line break, because the lines are those of stack traces.
        const url = text.includes("import.meta")
          ? `const ${OWN_URL} = ${JSON.stringify(pathToFileURL(path).href)};`
          : "";
        return { contents: url + text, loader: "ts" };
      });
    },
  };
}

/** Files by the names that `tsconfig.json` gives them. */
function readAliases(): ReadonlyMap<string, string> {
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "tsconfig.json"), "utf8")) as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  return new Map(Object.entries(compilerOptions.paths).map(([name, [path]]) => [name, join(ROOT, path!)]));
}
