import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestProblems, type Manifests, readManifests } from "../../scripts/check_manifests.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { bump, type ReleaseFiles } from "../../scripts/release/bump.ts";
import { readinessProblems } from "../../scripts/release/readiness.ts";
import { test } from "../support/harness.ts";

const FILES: ReleaseFiles = {
  "deno.json": `{ "name": "@a/b", "version": "0.9.1", "imports": { "x": "npm:x@0.9.1" } }`,
  "core.ts": `/** The version. */\nexport const version: string = "0.9.1";\n`,
  "README.md": `| Node |\n\nVersion 0.9.1 is not published yet; until it is, build it.\n\nOn Deno.\n`,
  "CHANGELOG.md":
    `# Changelog\n\n## [Unreleased]\n\n### Added\n\n- This.\n\n## [0.9.1] - 2025-12-31\n\n### Added\n\n- That.\n`,
};
/** The same before the very first release. */
const FIRST = { ...FILES, "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n- All.\n" };
const DAY = "2026-01-31";

test("release writes the version, and a section of the changelog", () => {
  assertEquals(bump(FILES, "0.10.0", DAY), {
    "deno.json": `{ "name": "@a/b", "version": "0.10.0", "imports": { "x": "npm:x@0.9.1" } }`,
    "core.ts": `/** The version. */\nexport const version: string = "0.10.0";\n`,
    "README.md": `| Node |\n\nOn Deno.\n`,
    "CHANGELOG.md": FILES["CHANGELOG.md"].replace("\n\n### Added", "\n\n## [0.10.0] - 2026-01-31\n\n### Added"),
  });
});

test("release accepts the current version, as long as it was not released", () => {
  const { "CHANGELOG.md": changelog, ...files } = bump(FIRST, "0.9.1", DAY);
  assertEquals(changelog, `# Changelog\n\n## [Unreleased]\n\n## [0.9.1] - 2026-01-31\n\n- All.\n`);
  assertEquals(files["core.ts"], FIRST["core.ts"]);
  assertThrows(() => bump(FIRST, "0.9.0", DAY), RangeError, "0.9.1 or above");
  assertThrows(() => bump({ ...files, "CHANGELOG.md": changelog }, "0.9.1", DAY), RangeError, "above 0.9.1");
});

const wrong = ["0.9.1", "0.9.0", "0.8.9", "1.0", "1.0.0-beta.1", "v1.0.0", "", "01.2.0", "1.2.00", " 1.2.3", "1.2.3+4"];
for (const version of [...wrong, "99999999999999999999.0.0"]) {
  test(`release refuses version "${version}" after 0.9.1`, () => {
    const error = assertThrows(() => bump(FILES, version, DAY), RangeError) as RangeError;
    assertStringIncludes(error.message, "above 0.9.1");
  });
}

test("release rejects an empty changelog, also under headings", () => {
  const released = bump(FILES, "1.0.0", DAY);
  const empty = FILES["CHANGELOG.md"].replace("- This.\n", "");
  for (const changelog of [released["CHANGELOG.md"], empty, "# Changelog\n"]) {
    const files = { ...FILES, "CHANGELOG.md": changelog };
    assertThrows(() => bump(files, "2.0.0", DAY), Error, "nothing under [Unreleased]");
  }
});

test("release leaves line ends as they are", () => {
  const windows = Object.fromEntries(
    Object.entries(FILES).map(([path, text]) => [path, text.replaceAll("\n", "\r\n")]),
  );
  const unix = bump(FILES, "1.0.0", DAY);
  for (const [path, text] of Object.entries(bump(windows as ReleaseFiles, "1.0.0", DAY))) {
    assertEquals(text, unix[path as keyof ReleaseFiles].replaceAll("\n", "\r\n"), path);
  }
});

/** The manifests of the repository after a bump of the version. */
function released(): Manifests {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const files = bump(
    {
      "deno.json": read("deno.json"),
      "core.ts": read("core.ts"),
      "README.md": read("README.md"),
      "CHANGELOG.md": read("CHANGELOG.md").replace("## [Unreleased]\n", "## [Unreleased]\n\n- A change.\n"),
    },
    "99.0.0",
    DAY,
  );
  const now = readManifests();
  return {
    ...now,
    deno: JSON.parse(files["deno.json"]),
    npm: { ...now.npm, version: "99.0.0" },
    source: files["core.ts"],
    changelog: files["CHANGELOG.md"],
    documents: { ...now.documents, "README.md": files["README.md"] },
  };
}

test("release leaves nothing in this repository that contradicts the new version", () => {
  assertEquals(manifestProblems(released()), []);
  assertEquals(readinessProblems(released(), "v99.0.0"), []);
});

test("release rejects a repository that is not ready", () => {
  const ready = released();
  const refused = (change: Partial<Manifests>, tag = "v99.0.0") => readinessProblems({ ...ready, ...change }, tag);
  assertEquals(refused({}, "v98.0.0"), ["deno.json has version 99.0.0"]);
  assertEquals(refused({ documents: { "docs/a.md": "It is not published yet." } }), [
    "docs/a.md says that it is not published yet",
  ]);
  const changelog = ready.changelog.replace("## [Unreleased]\n", "## [Unreleased]\n\n- Later.\n");
  assertEquals(refused({ changelog }), ["CHANGELOG.md has something under [Unreleased]"]);
  assertEquals(refused({ changelog: "## [Unreleased]\n\n### Added\n\n## [99.0.0]\n" }), [
    "CHANGELOG.md has no section of 99.0.0 with a date",
  ]);
});

test("changelog: no two entries begin with the same words, as a merge of both sides would leave them", () => {
  const changelog = readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8");
  const starts = Array.from(changelog.matchAll(/^- (.{24})/gm), ([, start]) => start!);
  assert(starts.length > 40);
  assertEquals(starts.filter((start, i) => starts.indexOf(start) !== i), []);
});
