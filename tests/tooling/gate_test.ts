// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { readJunit } from "../../scripts/gate/junit.ts";
import { NodeTests } from "../../scripts/gate/node_tests.ts";
import { run } from "../../scripts/gate/process.ts";
import { type Failure, runSteps, type StepResult } from "../../scripts/gate/report.ts";
import { runTests, RUNTIMES } from "../../scripts/gate/runners.ts";
import { slots } from "../../scripts/gate/slots.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { processesOf } from "../../scripts/gate/test_processes.ts";
import { test } from "../support/harness.ts";

const HARNESS = `import { test } from ${JSON.stringify(join(ROOT, "tests/support/harness.ts"))};\n`;

/** Runs one test file on every runtime, each with the same expectations. */
function onEveryRuntime(
  name: string,
  code: string,
  check: (result: StepResult) => void,
  limit = 120_000,
): void {
  for (const runtime of RUNTIMES) {
    test(`gate on ${runtime}: ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "zmq-gate-test-"));
      try {
        writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
        writeFileSync(join(folder, "fixture_test.ts"), HARNESS + code);
        check(await runTests(runtime, [relative(ROOT, join(folder, "fixture_test.ts"))], { timeout: limit }));
      } finally {
        rmSync(folder, { recursive: true });
      }
    }, { timeout: 60_000 });
  }
}

onEveryRuntime(
  "counts what passed, failed and was skipped",
  `test("good", () => {});
   test("bad", () => { throw new Error("<wrong> & \\"quoted\\""); });
   test("late", () => new Promise(() => {}), { timeout: 20 });
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
import { pathToFileURL } from "node:url";
   test("good", () => {});
   test("exit", () => { process.exit(0); });`,
  ({ failures }) => assertEquals(failures.length > 0, true),
);

onEveryRuntime(
  "fails when a runner does not end in time",
  `test("busy", () => { for (;;); });`,
  ({ failures }) => {
    assertEquals(failures.length, 1);
    assertMatch(failures[0]!.name, /^The process of \S*fixture_test\.ts$/);
    assertMatch(failures[0]!.detail, /^The runner did not end in time\n/);
  },
  1_500,
);

/** Runs test files that share a process of Node, and returns the failures, with their paths as the names of the files. */
async function onNode(files: Readonly<Record<string, string>>): Promise<{ passed: number; failures: Failure[] }> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-gate-test-"));
  try {
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), HARNESS + code);
    const paths = Object.keys(files).map((name) => relative(ROOT, join(folder, name)));
    const { passed, failures } = await runTests("node", paths, { timeout: 120_000 });
    const short = (text: string) => text.replaceAll(`${relative(ROOT, folder)}/`, "");
    return { passed, failures: failures.map(({ name, detail }) => ({ name: short(name), detail: short(detail) })) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PASSED: StepResult = { passed: 1, failures: [], skipped: [] };
const shortened = (line: string): string => line.replace(/^.* s {2}(.):.*$/, "$1 done");
const GOOD = `test("good", () => {});`;

test("gate on node: the test file that keeps the event loop busy fails, by its name", async () => {
  const busy = `test("busy", () => void setInterval(() => {}, 1000));`;
  const { passed, failures } = await onNode({ "a_test.ts": GOOD, "b_test.ts": busy, "c_test.ts": GOOD });
  assertEquals(passed, 3);
  assertEquals(failures.map(({ name }) => name), ["b_test.ts leaves the event loop as it was"]);
  assertStringIncludes(failures[0]!.detail, "still holds Timeout");
}, { timeout: 60_000 });

test("gate on node: a process that ends too early fails with its files, and with those that were left", async () => {
  const exit = `import process from "node:process"; test("exit", () => process.exit(0));`;
  const { passed, failures } = await onNode({ "a_test.ts": GOOD, "b_test.ts": exit, "c_test.ts": GOOD });
  assertEquals(passed, 1);
  assertEquals(failures.map(({ name }) => name), ["The process of a_test.ts, b_test.ts, c_test.ts"]);
  assertStringIncludes(failures[0]!.detail, "before it had finished tests in b_test.ts, c_test.ts");
}, { timeout: 60_000 });

test("gate on node: a file that does not load fails by its name, and the next ones run", async () => {
  const broken = `throw new Error("broken file");`;
  const { passed, failures } = await onNode({ "a_test.ts": broken, "b_test.ts": `void test;`, "c_test.ts": GOOD });
  assertEquals(passed, 1);
  assertEquals(failures.map(({ name }) => name), ["a_test.ts", "b_test.ts"]);
  assertStringIncludes(failures[0]!.detail, "broken file");
  assertEquals(failures[1]!.detail, "The file declares no test");
}, { timeout: 60_000 });

test("gate on node: a translated test is its source to itself, in its names, and in stack traces", async () => {
  const parent = join(ROOT, "node_modules/.cache/monocoque-zmq");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "gate-test-"));
  try {
    const [path, computed] = ["a_test.ts", "b_test.ts"].map((name) => relative(ROOT, join(folder, name)));
    const code = `import { assertEquals } from "@std/assert";
      import { hello } from "./support.ts";
      test("where", () => assertEquals(import.meta.url, ${
      JSON.stringify(pathToFileURL(join(folder, "a_test.ts")).href)
    }));
      test("names", async () => assertEquals([hello.name, (await import("./support.ts")).Polite.name], ["hello", "Polite"]));
      test("throws", () => hello());`;
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    writeFileSync(join(folder, "a_test.ts"), HARNESS + code);
    writeFileSync(join(folder, "b_test.ts"), HARNESS + `await import("./supp" + "ort.ts"); test("good", () => {});`);
    const support = "export class Polite {}\n\nexport const hello = (): never => {\n  throw new Error('hello');\n};\n";
    writeFileSync(join(folder, "support.ts"), support);
    const made = await NodeTests.make([path!, computed!]);
    assert(made.find(path!) !== undefined);
    assertEquals(made.find(computed!), undefined);
    const { passed, failures } = await runTests("node", [path!], { timeout: 120_000, made });
    assertEquals([passed, failures.map(({ name }) => name)], [2, ["throws"]]);
    assertMatch(failures[0]!.detail, /hello[^]*support\.ts:4:9[^]*a_test\.ts:6:/);
    // Only tsx can import what is not known before.
    assertEquals((await runTests("node", [computed!], { timeout: 120_000, made })).passed, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 60_000 });

test("gate: files share a process in their order, eight at most, except those that ask for one of their own", () => {
  const files = Array.from({ length: 18 }, (_, i) => `${String.fromCharCode(97 + i)}_test.ts`);
  const alone = new Map([["c_test.ts", "// A process of its own: it fakes the timers.\n"]]);
  const read = (path: string) => alone.get(path) ?? "// Shares a process.\n";
  const processes = processesOf("node", files, read);
  assertEquals(processes.map(({ length }) => length), [1, 8, 8, 1]);
  assertEquals(processes[0], ["c_test.ts"]);
  assertEquals(processes.flat().toSorted(), files);
  assertEquals(processesOf("deno", files, read).map(({ length }) => length), files.map(() => 1));
});

for (const runtime of RUNTIMES) {
  test(`gate on ${runtime}: fails when no file is selected`, async () => {
    const { failures } = await runTests(runtime, [], { timeout: 1_000 });
    assertEquals(failures.map(({ name }) => name), ["No test file was selected"]);
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

test("gate: a command that leaves its pipes to an unreachable process still ends", async () => {
  // A process that left the group and is no longer a child.
  const orphan = ["-c", "(setsid sleep 10 &) ; sleep 60"];
  const { timedOut, code } = await run("/bin/sh", orphan, { timeout: 500 });
  assertEquals(timedOut, true);
  // The shell was killed, or the command that it waited for was killed before.
  assert(code === null || code === 137, `${code}`);
  assertEquals((await run("/bin/sh", ["-c", "(setsid sleep 10 &) ; echo told"], { timeout: 60_000 })).stdout, "told");
}, { skip: process.platform === "win32" ? "there is no setsid on Windows" : undefined });

test("gate: steps run beside each other, and their results keep the order", async () => {
  const events: string[] = [];
  let release = (): void => {};
  const last = new Promise<void>((resolve) => release = resolve);
  const step = (name: string, wait: Promise<void> = Promise.resolve(), then = (): void => {}) => ({
    name,
    run: async () => {
      events.push(name);
      await wait;
      then();
      return PASSED;
    },
  });
  await runSteps([step("a", last), step("b", undefined, () => release())], (line) => events.push(shortened(line)));
  assertEquals(events, ["a", "b", "a done", "b done"]);
});

test("gate: a step that writes waits for those that read before it", async () => {
  const events: string[] = [];
  const step = (name: string, tree?: "reads" | "writes", turns = 0) => ({
    name,
    tree,
    run: async () => {
      events.push(name);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      events.push(`${name} ended`);
      return PASSED;
    },
  });
  const steps = [step("a", "reads", 2), step("b", "writes"), step("c", "reads"), step("d", undefined, 1)];
  await runSteps(steps, () => {});
  assertEquals(events, ["a", "c", "c ended", "d", "d ended", "a ended", "b", "b ended"]);
});

test("gate: no more processes than there are slots, in their order; one that computes takes two", async () => {
  const slot = slots(3);
  const events: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string, needs?: number) =>
    slot(() => {
      events.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    }, needs);
  const jobs = [job("a"), job("b", 2), job("c", 2), job("d")];
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  await settled();
  assertEquals(events, ["a", "b"]);
  ends.get("a")!();
  await settled();
  assertEquals(events, ["a", "b"]);
  ends.get("b")!();
  await settled();
  assertEquals(events, ["a", "b", "c", "d"]);
  for (const end of ends.values()) end();
  await Promise.all(jobs);
});

test("gate: a job that fails frees its slot", async () => {
  const slot = slots(1);
  await assertRejects(() => slot(() => Promise.reject(new Error("failed"))), Error, "failed");
  assertEquals(await slot(() => Promise.resolve("next")), "next");
});

test("gate: a step that throws is a failure of that step", async () => {
  const lines: string[] = [];
  const steps = [
    { name: "broken", run: () => Promise.reject(new Error("no such file")) },
    { name: "whole", run: () => Promise.resolve({ passed: 2, failures: [], skipped: [] }) },
  ];
  assertEquals(await runSteps(steps, (line) => lines.push(line)), { passed: 2, failed: 1, skipped: 0 });
  assertStringIncludes(lines.join("\n"), "no such file");
});
