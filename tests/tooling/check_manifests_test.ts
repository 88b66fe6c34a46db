import { assertEquals, assertStringIncludes } from "@std/assert";
import { manifestProblems, type Manifests, readManifests } from "../../scripts/check_manifests.ts";
import { test } from "../support/harness.ts";

const NOW = readManifests();

test("manifest check accepts what the repository has", () => {
  assertEquals(manifestProblems(NOW), []);
});

/** Expects exactly one problem, which starts with `expected`. */
function refuses(what: string, expected: string, change: Partial<Manifests>): void {
  test(`manifest check refuses ${what}`, () => {
    const problems = manifestProblems({ ...NOW, ...change });
    assertEquals(problems.length, 1, problems.join("\n"));
    assertStringIncludes(problems[0]!, expected);
  });
}

const { deno, npm } = NOW;
const { "./core": _core, ...fewer } = npm.exports;
const [first, ...others] = NOW.layerEntries;

refuses("an export that npm lacks", "Exports on npm", { npm: { ...npm, exports: fewer } });
refuses("another version on npm", "The version on npm", { npm: { ...npm, version: "9.9.9" } });
refuses("another version in the sources", "The version in core.ts", {
  source: `export const version: string = "9.9.9";\n`,
});
refuses("sources without a version", "The version in core.ts", { source: "" });
refuses("a changelog without the version", "The latest version in CHANGELOG.md", { changelog: "## [Unreleased]\n" });
refuses("another version in the README", "The version in README.md", { readme: "Version 9.9.9 is here.\n" });
refuses("an entry file that is not published", "mod.ts is not in publish.include", {
  deno: { ...deno, publish: { include: deno.publish.include.filter((path) => path !== "mod.ts") } },
});
refuses("an entry file without a layer", "Entry files in", { layerEntries: others });
refuses("a folder of code that the compiler does not see", "include of tsconfig.json", {
  included: { ...NOW.included, "tsconfig.json": NOW.included["tsconfig.json"]!.slice(1) },
});
refuses("an import map that leads elsewhere", "Names in map.json", {
  maps: { "map.json": { [deno.name]: `../../${first}` } },
});
