import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { manifestProblems, readManifests } from "../../scripts/check_manifests.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { bump, type ReleaseFiles } from "../../scripts/release/bump.ts";
import { test } from "../support/harness.ts";

const FILES: ReleaseFiles = {
  "deno.json": `{ "name": "@a/b", "version": "0.9.1", "imports": { "x": "npm:x@0.9.1" } }`,
  "core.ts": `/** The version. */\nexport const version: string = "0.9.1";\n`,
  "README.md": `| Node |\n\nVersion 0.9.1 is not published yet; until it is, build it.\n\nOn Deno.\n`,
  "CHANGELOG.md": `# Changelog\n\n## [Unreleased]\n\n### Added\n\n- This.\n\n## [0.9.1]\n\n- That.\n`,
};

test("release writes the version, and a section of the changelog", () => {
  assertEquals(bump(FILES, "0.10.0", "2026-01-31"), {
    "deno.json": `{ "name": "@a/b", "version": "0.10.0", "imports": { "x": "npm:x@0.9.1" } }`,
    "core.ts": `/** The version. */\nexport const version: string = "0.10.0";\n`,
    "README.md": `| Node |\n\nOn Deno.\n`,
    "CHANGELOG.md":
      `# Changelog\n\n## [Unreleased]\n\n## [0.10.0] - 2026-01-31\n\n### Added\n\n- This.\n\n## [0.9.1]\n\n- That.\n`,
  });
});

for (const version of ["0.9.1", "0.9.0", "0.8.9", "1.0", "1.0.0-beta.1", "v1.0.0", ""]) {
  test(`release refuses version "${version}" after 0.9.1`, () => {
    const error = assertThrows(() => bump(FILES, version, "2026-01-31"), RangeError) as RangeError;
    assertStringIncludes(error.message, "above 0.9.1");
  });
}

test("release refuses to tell nothing in the changelog", () => {
  const released = bump(FILES, "1.0.0", "2026-01-31");
  assertThrows(() => bump(released, "1.0.1", "2026-02-01"), Error, "nothing under [Unreleased]");
  assertThrows(() => bump({ ...FILES, "CHANGELOG.md": "# Changelog\n" }, "1.0.1", "2026-02-01"), Error);
});

test("release of this repository leaves nothing that contradicts it", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const changelog = read("CHANGELOG.md").replace("## [Unreleased]\n", "## [Unreleased]\n\n- A change.\n");
  const files = bump(
    {
      "deno.json": read("deno.json"),
      "core.ts": read("core.ts"),
      "README.md": read("README.md"),
      "CHANGELOG.md": changelog,
    },
    "99.0.0",
    "2026-01-31",
  );
  const now = readManifests();
  const problems = manifestProblems({
    ...now,
    deno: JSON.parse(files["deno.json"]),
    npm: { ...now.npm, version: "99.0.0" },
    source: files["core.ts"],
    readme: files["README.md"],
    changelog: files["CHANGELOG.md"],
  });
  assertEquals(problems, []);
  assertEquals(files["README.md"].includes("not published yet"), false);
});
