// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileLibzmq } from "../../../bench/peers/libzmq.ts";
import type { SavedRun } from "../../../bench/saved_run.ts";
import { installed, run } from "../../../scripts/gate/process.ts";
import { test } from "../../support/harness.ts";

/** Runs a benchmark, again if a part of it had no turn in the short time, as it happens on a busy machine. */
async function rowsOf(
  party: string,
  file: string,
  args: readonly string[],
): Promise<{ rows: SavedRun["rows"]; output: string }> {
  for (let attempt = 1;; attempt++) {
    const { code, output } = await run(installed("tsx"), [
      ...["bench/main.ts", "--quick", "--alone", "--runtime", party, "--save", file],
      ...args,
    ], { timeout: 240_000 });
    assertEquals(code, 0, output);
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as SavedRun;
    if (rows.every(({ values }) => values[party]![0]! > 0)) return { rows, output };
    assert(attempt < 3, output);
  }
}

test("bench: a run over tcp and inproc is saved, and shown as tables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-test-"));
  try {
    const file = join(folder, "run.json");
    const { rows, output } = await rowsOf("bun", file, ["--case", "push-pull-inproc", "--case", "raw"]);
    assertStringIncludes(output, "| PUSH → PULL, inproc, msgs/s |");
    assertEquals(rows.map(({ case: id, point, api }) => [id, point, api]), [
      ["push-pull-inproc", "64 B", "await"],
      ["push-pull-inproc", "64 B", "batch"],
      ["raw", "66 B", "await"],
      ["raw", "66 B", "await"],
    ]);
    assert(rows.every(({ values }) => values["bun"]!.length === 1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 60_000 });

test("bench: an honest peer is measured beside each flood", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-test-"));
  try {
    const file = join(folder, "run.json");
    const { rows, output } = await rowsOf("node", file, ["--case", "flood"]);
    assertStringIncludes(output, "| PINGs, rate ");
    const figure = (point: string, key: string) =>
      rows.find((row) => row.point === point && row.metric.key === key)!.values["node"]![0]!;
    for (const { point } of rows) assert(figure(point, "p50") <= figure(point, "p99"), output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 120_000 });

test("bench: reports why libzmq in C is left out", () => {
  assertEquals(compileLibzmq("no-such-compiler"), { missing: "there is no C compiler (no-such-compiler)" });
});
