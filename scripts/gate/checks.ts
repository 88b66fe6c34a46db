/**
 * The checks that need no test runner: format, lint, types, layers, documentation, publishing.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { installed, run } from "./process.ts";
import type { Step, StepResult } from "./report.ts";
import { IMPORT_MAP } from "./runners.ts";
import { HEAVY } from "./slots.ts";
import { codeRoots, entryFiles, publishedRoots, ROOT, sourceFiles } from "./source_files.ts";

const TIMEOUT = 600_000;

/** All checks, in the order in which they run. */
export function checks(): Step[] {
  const deno = installed("deno");
  const tsc = installed("tsc");
  return [
    check("format (deno fmt)", deno, ["fmt", "--check"]),
    check("lint (deno lint)", deno, ["lint"]),
    check("types (deno check)", deno, [
      "check",
      "--quiet",
      ...IMPORT_MAP,
      ...codeRoots(),
    ]),
    check("types of the package (tsc)", tsc, [
      "-p",
      "tsconfig.package.json",
      "--noEmit",
    ]),
    check("types of the core without a runtime (tsc)", tsc, ["-p", "types"]),
    check("types of everything (tsc)", tsc, ["-p", "tsconfig.json"]),
    check("needless assertions", installed("tsx"), ["scripts/check_assertions.ts"]),
    check("unused files, exports and packages (knip)", installed("knip"), ["--no-progress"]),
    check("code that only tests use (knip)", installed("knip"), [
      "--no-progress",
      "--config=knip.published.jsonc",
      "--include=files,exports,types",
    ]),
    check("layers", installed("tsx"), ["scripts/check_layers.ts"]),
    check("versions and exports", installed("tsx"), ["scripts/check_manifests.ts"]),
    check("exported names", installed("tsx"), ["scripts/check_exports.ts"]),
    check("spelling (cspell)", installed("cspell"), ["lint", "--no-progress", "--no-summary"]),
    check("prose", installed("tsx"), ["scripts/check_prose.ts"]),
    check("documentation (deno doc --lint)", deno, [
      "doc",
      "--lint",
      "--quiet",
      ...Object.values(entryFiles()),
    ]),
    // They run in tests/package/snippets_test.ts, on all runtimes.
    check("types of the examples (deno check --doc)", deno, [
      "check",
      "--doc",
      "--quiet",
      ...IMPORT_MAP,
      ...filesWithExamples(),
    ]),
    check("publishing (deno publish --dry-run)", deno, [
      "publish",
      "--dry-run",
      "--allow-dirty",
    ]),
    {
      name: "dependencies are pinned",
      run: () => Promise.resolve(verdict("package-lock.json", lockfileProblems())),
    },
  ];
}

function check(name: string, command: string, args: readonly string[]): Step {
  return {
    name,
    tree: "reads",
    run: async (slot) => {
      const { code, output, timedOut } = await slot(() => run(command, args, { timeout: TIMEOUT }), HEAVY);
      if (code === 0) return verdict(name, []);
      return verdict(name, [
        timedOut ? `Not done within ${TIMEOUT} ms` : `Exit code ${code}`,
        output,
      ]);
    },
  };
}

function verdict(name: string, problems: readonly string[]): StepResult {
  if (problems.length === 0) return { passed: 1, failures: [], skipped: [] };
  return {
    passed: 0,
    failures: [{ name, detail: problems.join("\n") }],
    skipped: [],
  };
}

function filesWithExamples(): string[] {
  return [
    ...sourceFiles(publishedRoots(), ".ts"),
    ...sourceFiles(["README.md", "docs", "npm/README.md"], ".md"),
  ];
}

function lockfileProblems(): string[] {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<string, Record<string, string>>;
  return [
    ...Object.entries({ ...dependencies, ...devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${name} is not pinned: ${version}`),
    ...(read("package-lock.json").includes('"resolved":') ? ["package-lock.json names a registry"] : []),
    ...["deno.lock", "bun.lock", "bun.lockb"].filter((path) => existsSync(join(ROOT, path)))
      .map((path) => `${path} exists beside package-lock.json`),
  ];
}
