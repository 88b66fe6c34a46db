import { assertEquals, assertStringIncludes } from "@std/assert";
import { manifestProblems, type Manifests, readManifests } from "../../scripts/check_manifests.ts";
import { withoutNotPublishedYet } from "../../scripts/release/not_published_yet.ts";
import { test } from "../support/harness.ts";

const NOW = readManifests();

test("manifest check accepts the manifests of the repository", () => {
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
refuses("another name on npm", "The name on npm", { npm: { ...npm, name: "zmq" } });
refuses("another version in the sources", "The version in core.ts", {
  source: `export const version: string = "9.9.9";\n`,
});
refuses("sources without a version", "The version in core.ts", { source: "" });

const { version } = deno;
const dated = `## [Unreleased]\n\n- More.\n\n## [${version}] - 2026-01-31\n\n- All.\n`;
const { "README.md": readme = "", ...pages } = NOW.documents;
const published = { ...pages, "README.md": withoutNotPublishedYet(readme) };
/** Independent of the current state of the repository. */
const unpublished = {
  ...published,
  "README.md": `${published["README.md"]}\nVersion ${version} is not published yet; until it is, build it.\n`,
};
const document = (text: string) => ({ changelog: dated, documents: { ...published, "docs/a.md": text } });

test("manifest check accepts a version that was released", () => {
  assertEquals(manifestProblems({ ...NOW, changelog: dated, documents: published }), []);
});

refuses("a changelog with another version", "The latest version in CHANGELOG.md", {
  changelog: dated.replace(version, "9.9.9"),
  documents: published,
});
for (const heading of [version, "01.2.0", "99999999999999999999.0.0"]) {
  refuses(`[${heading}] without a day, or no version`, "which is not a version with a date", {
    changelog: `${dated}\n## [${heading}]\n\n- Old.\n`,
    documents: published,
  });
}
refuses("a README that tells of no version before there is one", "README.md does not say", {
  changelog: "## [Unreleased]\n",
  documents: published,
});
refuses("another document that says so", "docs/a.md says that it is not published yet", {
  changelog: "## [Unreleased]\n",
  documents: { ...unpublished, "docs/a.md": "It is not published yet.\n" },
});
refuses("a document that says so of what was released", "docs/a.md says", document("It is not published yet.\n"));
for (const told of ["npm install @monocoque/zmq@9.9.9", "jsr:@monocoque/zmq@~9.9", "@monocoque/zmq@^9.9.9"]) {
  refuses(`a document with ${told}`, "The version in docs/a.md", document(`${told}\n`));
}
const asking = ["Node 20.3 or newer", "| Node | 18 or later |", "Node ≥ 20", "TypeScript 5.0 or later", "Node.js 18+"];
for (const told of [...asking, "Node >= 18", "Node v18 and later", "TypeScript 4.9+"]) {
  refuses(`a document with "${told}"`, "docs/a.md asks for", document(told));
}
refuses("an entry file that is not published", "mod.ts is not in publish.include", {
  deno: { ...deno, publish: { include: deno.publish.include.filter((path) => path !== "mod.ts") } },
});
refuses("an entry file without a layer", "Entry files in", { layerEntries: others });
refuses("another version of a package than the one that is installed", "deno.json has npm:", {
  installed: { ...NOW.installed, mitata: "9.9.9" },
});
refuses("a README that does not name the lowest TypeScript", "npm/README.md does not name the lowest TypeScript", {
  documents: { ...NOW.documents, "npm/README.md": "Node 20.4 or later.\n" },
});
refuses("a folder of code that the compiler does not see", "include of tsconfig.json", {
  included: { ...NOW.included, "tsconfig.json": NOW.included["tsconfig.json"]!.slice(1) },
});
refuses("an import map that leads elsewhere", "Names in map.json", {
  maps: { "map.json": { [deno.name]: `../../${first}` } },
});
