import { assert, assertEquals, assertThrows } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { select } from "../../scripts/gate/selection.ts";
import { ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";

const FILES = ["tests/base/a_test.ts", "tests/tooling/b_test.ts", "tests/package/c_test.ts"];

/** Returns the selection in a short form. */
function selected(...args: string[]): unknown {
  const { parts, tests, packageTests } = select(args, FILES);
  return { parts, tests: Object.fromEntries(tests), packageTests };
}

test("gate selection: everything, tools on Node alone", () => {
  const [unit, tooling, ofPackage] = FILES;
  assertEquals(selected(), {
    parts: ["checks", "tests", "package"],
    tests: { deno: [unit], bun: [unit], node: [unit, tooling] },
    packageTests: [ofPackage],
  });
});

test("gate selection: npm test runs every test file of the repository, tools and the package on Node alone", () => {
  const files = sourceFiles(["tests"], "_test.ts");
  const { tests, packageTests } = select([], files);
  assertEquals([...new Set([...tests.values(), packageTests].flat())].toSorted(), files.toSorted());
  for (const runtime of ["deno", "bun", "node"] as const) {
    const run = new Set(tests.get(runtime));
    const missing = files.filter((path) => !run.has(path) && !/^tests\/(?:package|tooling)\//.test(path));
    assertEquals(missing, [], runtime);
    for (const path of ["tests/bare/bare_test.ts", "tests/sockets/fake_timers_test.ts"]) assert(run.has(path), path);
  }
  assert(packageTests.includes("tests/package/fake_timers_test.ts"));
});

test("tests/README.md lists every directory of tests, and both files about fake timers", () => {
  const page = readFileSync(join(ROOT, "tests/README.md"), "utf8");
  const folders = readdirSync(join(ROOT, "tests"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assertEquals(folders.map(({ name }) => `\`tests/${name}/\``).filter((text) => !page.includes(text)), []);
  for (const path of sourceFiles(["tests"], "fake_timers_test.ts")) assert(page.includes(path), path);
});

test("gate selection: files choose the parts that have them", () => {
  assertEquals(select(["a_test"], FILES).parts, ["tests"]);
  assertEquals(select(["tests/package/c_test.ts"], FILES).parts, ["package"]);
  assertEquals(select(["a_test", "c_test"], FILES).parts, ["tests", "package"]);
  assertEquals([...select(["tests/tooling"], FILES).tests.keys()], ["node"]);
  assertEquals(select(["--only", "package", "c_test"], FILES).packageTests, ["tests/package/c_test.ts"]);
});

test("gate selection: paths may be written as a shell completes them", () => {
  for (const path of ["./tests/base/a_test.ts", "tests\\base\\a_test.ts"]) {
    assertEquals(select([path], FILES).tests.get("bun"), ["tests/base/a_test.ts"]);
  }
});

test("gate selection: a runtime chooses the tests, unless files are named", () => {
  assertEquals(selected("--runtime", "bun"), {
    parts: ["tests"],
    tests: { bun: ["tests/base/a_test.ts"] },
    packageTests: ["tests/package/c_test.ts"],
  });
});

for (
  const [what, ...args] of [
    ["a file that is not there", "z_test", "a_test"],
    ["a tool's test on Bun", "--runtime", "bun", "tests/tooling"],
    ["a file of another part", "--only", "package", "a_test"],
    ["a file of another part beside one that is there", "--only", "package", "c_test", "a_test"],
    ["a tool's test beside another on Bun", "--runtime", "bun", "a_test", "tests/tooling"],
    ["an unknown part", "--only", "all"],
    ["an unknown runtime", "--runtime", "browser"],
    ["an unknown builder", "--builder", "make"],
  ] as const
) {
  test(`gate selection refuses ${what}`, () => {
    assertThrows(() => select(args, FILES), RangeError);
  });
}
