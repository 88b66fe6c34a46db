import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileLibzmq } from "../../../bench/peers/libzmq.ts";
import type { SavedRun } from "../../../bench/saved_run.ts";
import { installed, run } from "../../../scripts/gate/process.ts";
import { test } from "../../support/harness.ts";

test("bench: a run over tcp and inproc is saved, and shown as tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-test-"));
  try {
    const file = join(folder, "run.json");
    const { code, output } = await run(installed("tsx"), [
      ...["bench/main.ts", "--quick", "--alone", "--runtime", "bun", "--save", file],
      ...["--case", "push-pull-inproc", "--case", "raw"],
    ], { timeout: 20_000 });
    assertEquals(code, 0, output);
    assertStringIncludes(output, "| PUSH → PULL, inproc, msgs/s |");
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as SavedRun;
    assertEquals(rows.map(({ case: id, point, api }) => [id, point, api]), [
      ["push-pull-inproc", "64 B", "await"],
      ["push-pull-inproc", "64 B", "batch"],
      ["raw", "66 B", "await"],
      ["raw", "66 B", "await"],
    ]);
    assert(rows.every(({ values }) => values["bun"]!.length === 1 && values["bun"]![0]! > 0));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 25_000 });

test("bench: an honest peer is measured beside each flood", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-test-"));
  try {
    const file = join(folder, "run.json");
    const { code, output } = await run(installed("tsx"), [
      ...["bench/main.ts", "--quick", "--alone", "--runtime", "node", "--case", "flood", "--save", file],
    ], { timeout: 60_000 });
    assertEquals(code, 0, output);
    assertStringIncludes(output, "| PINGs, rate ");
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as SavedRun;
    const figure = (point: string, key: string) =>
      rows.find((row) => row.point === point && row.metric.key === key)!.values["node"]![0]!;
    assert(rows.every(({ values }) => values["node"]![0]! > 0), output);
    for (const { point } of rows) assert(figure(point, "p50") <= figure(point, "p99"), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 70_000 });

test("bench: reports why libzmq in C is left out", () => {
  assertEquals(compileLibzmq("no-such-compiler"), { missing: "there is no C compiler (no-such-compiler)" });
});
