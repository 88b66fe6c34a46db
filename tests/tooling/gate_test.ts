import { assertEquals, assertStringIncludes } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { readJunit } from "../../scripts/gate/junit.ts";
import { run } from "../../scripts/gate/process.ts";
import { runSteps, type StepResult } from "../../scripts/gate/report.ts";
import { runTests, RUNTIMES } from "../../scripts/gate/runners.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";

const HARNESS = `import { test } from ${JSON.stringify(join(ROOT, "tests/support/harness.ts"))};\n`;

/** Runs one test file on every runtime, each with the same expectations. */
function onEveryRuntime(
  name: string,
  code: string,
  check: (result: StepResult) => void,
  limit = 20_000,
): void {
  for (const runtime of RUNTIMES) {
    test(`gate on ${runtime}: ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "zmq-gate-test-"));
      try {
        writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
        writeFileSync(join(folder, "fixture_test.ts"), HARNESS + code);
        check(await runTests(runtime, [relative(ROOT, join(folder, "fixture_test.ts"))], limit));
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, { timeout: 30_000 });
  }
}

onEveryRuntime(
  "counts what passed, failed and was skipped",
  `test("good", () => {});
   test("bad", () => { throw new Error("<wrong> & \\"quoted\\""); });
   test("late", () => new Promise(() => {}), { timeout: 50 });
   test("absent", () => {}, { skip: "no moon" });`,
  ({ passed, failures, skipped }) => {
    assertEquals(passed, 1);
    assertEquals(failures.map(({ name }) => name), ["bad", "late"]);
    assertStringIncludes(failures[0]!.detail, `<wrong> & "quoted"`);
    assertStringIncludes(failures[1]!.detail, "deadline of 50 ms passed");
    assertEquals(skipped, ["absent (skipped: no moon)"]);
  },
);

onEveryRuntime("fails when a file does not load", `throw new Error("broken file");`, ({ passed, failures }) => {
  assertEquals(passed, 0);
  assertEquals(failures.length > 0, true);
});

onEveryRuntime("fails when a file declares no test", `void test;`, ({ failures }) => {
  assertEquals(failures.length, 1);
});

onEveryRuntime(
  "fails when a test ends the process",
  `import process from "node:process";
   test("good", () => {});
   test("exit", () => { process.exit(0); });`,
  ({ failures }) => assertEquals(failures.length > 0, true),
);

onEveryRuntime(
  "fails when a runner does not end in time",
  `test("busy", () => { for (;;); });`,
  ({ failures }) => assertEquals(failures.map(({ name }) => name), ["The runner did not end in time"]),
  1_500,
);

for (const runtime of RUNTIMES) {
  test(`gate on ${runtime}: fails when no file is selected`, async () => {
    assertEquals((await runTests(runtime, [], 1_000)).failures.map(({ name }) => name), ["No test file was selected"]);
  });
}

test("gate reads entities, nested tags and self-closing cases of a report", () => {
  const xml = `<testsuites><testsuite name="a">
    <testcase name="one &quot;&#x41;&#66;" time="0"/>
    <testcase name="a > b" time="0"><failure message="short"/></testcase>
    <testcase name="skip"><skipped/></testcase>
    <testcase name="long"><failure type="x" message="m">line &lt;1&gt;
line 2</failure><system-out>noise</system-out></testcase>
  </testsuite></testsuites>`;
  assertEquals(readJunit(xml), [
    { name: `one "AB`, state: "passed", detail: "" },
    { name: "a > b", state: "failed", detail: "short" },
    { name: "skip", state: "skipped", detail: "" },
    { name: "long", state: "failed", detail: "line <1>\nline 2" },
  ]);
});

test("gate: a command that leaves its pipes to somebody out of reach ends all the same", async () => {
  // Out of its group, and no child of it any more.
  const orphan = ["-c", "(setsid sleep 10 &) ; sleep 60"];
  const { timedOut, code } = await run("/bin/sh", orphan, { timeout: 500 });
  assertEquals([timedOut, code], [true, null]);
  assertEquals((await run("/bin/sh", ["-c", "(setsid sleep 10 &) ; echo told"], { timeout: 9000 })).stdout, "told");
}, { skip: process.platform === "win32" ? "there is no setsid on Windows" : undefined });

test("gate: a step that throws is a failure of that step", async () => {
  const lines: string[] = [];
  const steps = [
    { name: "broken", run: () => Promise.reject(new Error("no such file")) },
    { name: "whole", run: () => Promise.resolve({ passed: 2, failures: [], skipped: [] }) },
  ];
  assertEquals(await runSteps(steps, (line) => lines.push(line)), { passed: 2, failed: 1, skipped: 0 });
  assertStringIncludes(lines.join("\n"), "no such file");
});
