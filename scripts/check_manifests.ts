/**
 * Checks that all files with the package's version and exports agree: `deno.json` (JSR), the npm manifest, the sources,
 * the layers, the import maps, the documents and the changelog.
 *
 * Run with `npx tsx scripts/check_manifests.ts`. `tests/package/` tests the built packages.
 *
 * Hand-written: these files and their relations are specific to this project. publint checks the built package.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { codeRoots, documents, publishedRoots, ROOT } from "./gate/source_files.ts";
import { ENTRIES } from "./layers/layer_of.ts";
import { LOWEST } from "./npm_package/lowest.ts";
import { manifest } from "./npm_package/manifest.ts";
import { changelogSections } from "./release/changelog.ts";
import { sayNotPublishedYet } from "./release/not_published_yet.ts";
import { isVersion } from "./release/version.ts";

/** The data to compare, as read from the repository. */
export interface Manifests {
  readonly deno: {
    readonly name: string;
    readonly version: string;
    readonly exports: Readonly<Record<string, string>>;
    readonly imports: Readonly<Record<string, string>>;
    readonly publish: { readonly include: readonly string[] };
  };
  readonly npm: {
    readonly name: string;
    readonly version: string;
    readonly exports: Readonly<Record<string, unknown>>;
  };
  /** Names under which tests and type checks import the package, with the file of each. */
  readonly maps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Versions of the packages in `package.json`. */
  readonly installed: Readonly<Record<string, string>>;
  /** The files that each configuration of the compiler includes, by path. */
  readonly included: Readonly<Record<string, readonly string[]>>;
  readonly layerEntries: readonly string[];
  /** The file that exports `version`. */
  readonly source: string;
  readonly changelog: string;
  /** All documents except the changelog, by path. */
  readonly documents: Readonly<Record<string, string>>;
  /** The lowest version of Node for development. */
  readonly developmentNode: string;
}

const SOURCE_VERSION = /^export const version: string = "([^"]*)";$/m;
const TOLD_VERSION = /(?:^Version |monocoque\/zmq@[\^~]?)v?(\d+(?:\.\d+)*)/gm;
const LOWEST_TOLD =
  /\b(Node|TypeScript)(?:\.js)?\s*[|(]?\s*(?:(?:≥|>=)\s*v?([\d.]*\d)|v?([\d.]*\d)(?: or (?:newer|later)| and (?:newer|later)|\+))/g;

/** The documents in which users look for requirements. */
const TOLD_IN: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["Node"],
  "docs/install.md": ["Node", "TypeScript"],
  "npm/README.md": ["Node", "TypeScript"],
};

/** Returns the contradictions, as messages. */
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
  for (const file of files) {
    if (published.some((path) => path === file || (path.endsWith("/") && file.startsWith(path)))) continue;
    problems.push(`${file} is not in publish.include`);
  }
  for (const [path, map] of Object.entries(maps)) {
    const told = Object.entries(map).filter(([name]) => name === deno.name || name.startsWith(`${deno.name}/`));
    const wanted = Object.entries(deno.exports).map(([name, file]) => [deno.name + name.slice(1), file]);
    same(`Names in ${path}`, told.map(([name, file]) => [name, file.replace(/^(\.\.?\/)+/, "./")]), wanted);
  }
  for (const [name, specifier] of Object.entries(deno.imports)) {
    if (!specifier.startsWith("npm:")) continue;
    const wanted = `npm:${name}@${given.installed[name]}`;
    if (specifier !== wanted) problems.push(`deno.json has ${specifier}, but package.json has ${wanted}`);
  }
  same("The name on npm", npm.name, deno.name);
  same("The version on npm", npm.version, deno.version);
  same("The version in core.ts", SOURCE_VERSION.exec(given.source)?.[1], deno.version);
  if (!isVersion(deno.version)) problems.push(`${deno.version} is not a version`);
  return [...problems, ...changelogProblems(given), ...documentProblems(given)];
}

/** Checks that the changelog has dates for its versions, and that the README says so if nothing has been published. */
function changelogProblems({ deno: { version }, changelog, documents }: Manifests): string[] {
  const released = changelogSections(changelog).filter(({ name }) => name !== "Unreleased");
  const problems = released
    .filter(({ name, date }) => !isVersion(name) || date === undefined)
    .map(({ name }) => `CHANGELOG.md has [${name}], which is not a version with a date`);
  const latest = released[0];
  if (latest !== undefined && latest.name !== version) {
    problems.push(`The latest version in CHANGELOG.md: ${latest.name}, but deno.json has ${version}`);
  }
  const saying = sayNotPublishedYet(documents);
  if (latest === undefined && !saying.includes("README.md")) {
    problems.push(`README.md does not say that ${version} is not published yet, but CHANGELOG.md has no version`);
  }
  const wrong = saying.filter((path) => latest !== undefined || path !== "README.md");
  return [...problems, ...wrong.map((path) => `${path} says that it is not published yet: only README.md may, before`)];
}

/** Checks that documents mention no other version, and require no other Node or TypeScript, than the current ones. */
function documentProblems({ deno: { version }, documents, developmentNode }: Manifests): string[] {
  const lowest: Readonly<Record<string, readonly string[]>> = {
    Node: [LOWEST.Node, developmentNode],
    TypeScript: [LOWEST.TypeScript],
  };
  const untold = Object.entries(TOLD_IN).flatMap(([path, names]) =>
    names.filter((name) => ![...documents[path]!.matchAll(LOWEST_TOLD)].some((match) => match[1] === name))
      .map((name) => `${path} does not name the lowest ${name}`)
  );
  const wrong = Object.entries(documents).flatMap(([path, text]) => [
    ...[...text.matchAll(TOLD_VERSION)]
      .filter(([, told]) => told !== version)
      .map(([, told]) => `The version in ${path}: ${told}, but deno.json has ${version}`),
    ...[...text.matchAll(LOWEST_TOLD)]
      .map(([, name, one, other]) => ({ name, told: one ?? other!, right: lowest[name!]! }))
      // A document may mention additional features of later versions.
      .filter(({ told, right }) => parseInt(told) <= parseInt(right[0]!) && !right.includes(told))
      .map(({ name, told, right }) => `${path} asks for ${name} ${told}, but it is ${right.join(" or ")}`),
  ]);
  return [...untold, ...wrong];
}

/** Reads the current data of the repository. */
export function readManifests(): Manifests {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const tsconfig = JSON.parse(read("tsconfig.json")) as {
    compilerOptions: { paths: Record<string, [string]> };
    include: string[];
  };
  const workspace = JSON.parse(read("package.json")) as Record<string, Record<string, string>> & {
    engines: Record<string, string>;
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
    installed: { ...workspace.dependencies, ...workspace.devDependencies },
    included: {
      "tsconfig.json": tsconfig.include,
      "tsconfig.package.json": JSON.parse(read("tsconfig.package.json")).include,
    },
    layerEntries: [...ENTRIES],
    source: read("core.ts"),
    changelog: read("CHANGELOG.md"),
    documents: Object.fromEntries(documents().map((path) => [path, read(path)])),
    developmentNode: workspace.engines.node!.replace(">=", ""),
  };
}

function main(): void {
  const problems = manifestProblems(readManifests());
  for (const problem of problems) console.error(problem);
  console.log(`${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
