/**
 * Proves that everything which tells the package's version and exports tells the same: `deno.json` (JSR), the npm
 * manifest, the sources, the layers, the import maps, the README and the changelog.
 *
 * Run with `npx tsx scripts/check_manifests.ts`. That the built packages hold what is told here is for
 * `tests/package/`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { codeRoots, publishedRoots, ROOT } from "./gate/source_files.ts";
import { ENTRIES } from "./layers/layer_of.ts";
import { manifest } from "./npm_package/manifest.ts";

/** What is compared, as read from the repository. */
export interface Manifests {
  readonly deno: {
    readonly name: string;
    readonly version: string;
    readonly exports: Readonly<Record<string, string>>;
    readonly publish: { readonly include: readonly string[] };
  };
  readonly npm: {
    readonly name: string;
    readonly version: string;
    readonly exports: Readonly<Record<string, unknown>>;
  };
  /** Names by which tests and type checks import the package, with the file each leads to. */
  readonly maps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What each configuration of the compiler includes, by path. */
  readonly included: Readonly<Record<string, readonly string[]>>;
  readonly layerEntries: readonly string[];
  /** The file that exports `version`. */
  readonly source: string;
  readonly readme: string;
  readonly changelog: string;
}

const SOURCE_VERSION = /^export const version: string = "([^"]*)";$/m;
const README_VERSION = /^Version (\d+\.\d+\.\d+)\b/gm;
const CHANGELOG_VERSION = /^## \[(\d[^\]]*)\]/m;

/** What does not agree, in words. */
export function manifestProblems(given: Manifests): string[] {
  const { deno, npm, maps } = given;
  const names = Object.keys(deno.exports).sort();
  const files = Object.values(deno.exports).map((path) => path.replace(/^\.\//, "")).sort();
  const problems: string[] = [];
  const same = (what: string, found: unknown, wanted: unknown) => {
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    problems.push(`${what}: ${JSON.stringify(found)}, but deno.json has ${JSON.stringify(wanted)}`);
  };
  same("Exports on npm", Object.keys(npm.exports).filter((name) => name !== "./package.json").sort(), names);
  same("Entry files in scripts/layers/layer_of.ts", [...given.layerEntries].sort(), files);
  same("include of tsconfig.json", given.included["tsconfig.json"], codeRoots());
  same("include of tsconfig.package.json", given.included["tsconfig.package.json"], publishedRoots());
  const published = deno.publish.include;
  for (const file of files) if (!published.includes(file)) problems.push(`${file} is not in publish.include`);
  for (const [path, map] of Object.entries(maps)) {
    const told = Object.entries(map).filter(([name]) => name === deno.name || name.startsWith(`${deno.name}/`));
    const wanted = Object.entries(deno.exports).map(([name, file]) => [deno.name + name.slice(1), file]);
    same(`Names in ${path}`, told.map(([name, file]) => [name, file.replace(/^(\.\.?\/)+/, "./")]), wanted);
  }
  same("The version on npm", npm.version, deno.version);
  same("The version in core.ts", SOURCE_VERSION.exec(given.source)?.[1], deno.version);
  same("The latest version in CHANGELOG.md", CHANGELOG_VERSION.exec(given.changelog)?.[1], deno.version);
  for (const [, told] of given.readme.matchAll(README_VERSION)) same("The version in README.md", told, deno.version);
  return problems;
}

/** What the repository has now. */
export function readManifests(): Manifests {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const tsconfig = JSON.parse(read("tsconfig.json")) as {
    compilerOptions: { paths: Record<string, [string]> };
    include: string[];
  };
  const importMap = JSON.parse(read("tests/support/import_map.json")) as { imports: Record<string, string> };
  return {
    deno: JSON.parse(read("deno.json")),
    npm: manifest() as unknown as Manifests["npm"],
    maps: {
      "tsconfig.json": Object.fromEntries(
        Object.entries(tsconfig.compilerOptions.paths).map(([name, [path]]) => [name, path]),
      ),
      "tests/support/import_map.json": importMap.imports,
    },
    included: {
      "tsconfig.json": tsconfig.include,
      "tsconfig.package.json": JSON.parse(read("tsconfig.package.json")).include,
    },
    layerEntries: [...ENTRIES],
    source: read("core.ts"),
    readme: read("README.md"),
    changelog: read("CHANGELOG.md"),
  };
}

function main(): void {
  const problems = manifestProblems(readManifests());
  for (const problem of problems) console.error(problem);
  console.log(`${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
