/**
 * A release of what is here, in a copy: the checks must accept what it leaves behind.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals } from "@std/assert";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { inc } from "semver";
import { installed, run } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { bump, type ReleaseFiles } from "../../scripts/release/bump.ts";
import { changelogSections } from "../../scripts/release/changelog.ts";
import { test } from "../support/harness.ts";

const TIMEOUT = 120_000;
const LEFT_OUT = new Set(["node_modules", ".git"]);
const BUILT = /^npm(?:-zeromq)?[\\/](?!README\.md$)/;
const FILES = ["deno.json", "core.ts", "README.md", "CHANGELOG.md"] as const;

/** Leaves out the npm packages, which are built while this test runs. */
function isSource(path: string): boolean {
  const name = relative(ROOT, path);
  return !LEFT_OUT.has(name) && !BUILT.test(name);
}

test("release: the manifests are right, and their tests pass, when a release is prepared", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-rehearsal-"));
  try {
    cpSync(ROOT, folder, { recursive: true, filter: isSource });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    const files = Object.fromEntries(
      FILES.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
    ) as unknown as ReleaseFiles;
    const changelog = files["CHANGELOG.md"].replace("## [Unreleased]\n", "## [Unreleased]\n\n- Rehearsed.\n");
    const { version } = JSON.parse(files["deno.json"]) as { version: string };
    const released = changelogSections(files["CHANGELOG.md"]).some(({ name }) => name === version);
    const next = released ? inc(version, "minor")! : version;
    for (const [path, text] of Object.entries(bump({ ...files, "CHANGELOG.md": changelog }, next, "2026-01-31"))) {
      writeFileSync(join(folder, path), text);
    }
    for (
      const args of [
        ["scripts/check_manifests.ts"],
        [
          "scripts/test.ts",
          "--runtime",
          "node",
          "tooling/check_manifests",
          "tooling/release_test",
          "tooling/workflows",
        ],
      ]
    ) {
      const { code, output } = await run(installed("tsx"), args, { cwd: folder, timeout: TIMEOUT });
      assertEquals(code, 0, output);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, { timeout: TIMEOUT });
