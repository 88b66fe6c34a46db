import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareRuns } from "../../../bench/compare.ts";
import { changeSummary, changeTables } from "../../../bench/report/change_tables.ts";
import { chartsOf, writeCharts } from "../../../bench/report/charts.ts";
import { replaceSection } from "../../../bench/report/docs.ts";
import { logScale } from "../../../bench/report/svg.ts";
import { short, times } from "../../../bench/report/table.ts";
import { resultTables } from "../../../bench/report/tables.ts";
import { introduce, loadRun, type SavedRun, saveRun } from "../../../bench/saved_run.ts";
import { test } from "../../support/harness.ts";
import { row, ROWS } from "./rows.ts";

const RUN: SavedRun = {
  format: 1,
  date: "2026-01-02T03:04:05.000Z",
  args: ["--quick"],
  commit: "abc1234",
  machine: "2 × Fast",
  load: 0.04,
  versions: { "Deno": "2.0.0", "libzmq in C": "4.3.5" },
  rounds: 1,
  rows: ROWS,
};

test("bench table: numbers have three digits, ratios two or three", () => {
  assertEquals([1.234, 12.34, 123.4, 1234, 999_499, 999_500, 2.345e6, NaN].map(short), [
    ...["1.23", "12.3", "123", "1.23 k", "999 k", "1.00 M", "2.35 M", "–"],
  ]);
  assertEquals([0.5, 1.234, 9.96, 24.21].map(times), ["0.50×", "1.23×", "10.0×", "24.2×"]);
  assertEquals(times(undefined), "–");
});

test("bench table: one table per benchmark, with spread and the ratios to both peers", () => {
  assertEquals(
    resultTables(ROWS),
    [
      "| PUSH → PULL, msgs/s |                                  Bun |           zeromq.js | libzmq in C |",
      "| ------------------- | -----------------------------------: | ------------------: | ----------: |",
      "| 64 B, await         | 9.00 M (8.00 M–10.0 M) 30.0× / 3.00× | 300 k (290 k–310 k) |      3.00 M |",
      "| 64 B, batch         |                 12.0 M 40.0× / 4.00× |                     |             |",
      "| 1 KiB, await        |                     3.00 M 15.0× / – |               200 k |             |",
      "",
      `| REQ "&" <REP>, µs |                        Bun | zeromq.js | Bun → libzmq in C |`,
      "| ----------------- | -------------------------: | --------: | ----------------: |",
      "| 64 B              | 22.0 (20.0–24.0) 0.28× / – |      80.0 |    30.0 0.38× / – |",
    ].join("\n"),
  );
});

test("bench table: a comparison shows ratios, and changes in bold", () => {
  const changes = compareRuns([row({ "bun": [100], "node": [100] })], [row({ "bun": [200], "node": [101] })]);
  assertStringIncludes(changeTables(changes), "**2.00× better** | 1.01× |");
  assertEquals(
    changeSummary(changes),
    "2 figures: 1 better and 0 worse by more than the spread of both runs.",
  );
});

test("bench charts: ratios of the headlines, and a curve where there are two places at least", () => {
  const charts = chartsOf(ROWS);
  assertEquals(charts.map(({ file }) => file), ["ratios.svg", "push-pull.svg"]);
  const [ratios, curve] = charts.map(({ svg }) => svg);
  // 22 µs instead of 80 are 3.64 times as good.
  assertStringIncludes(ratios!, "3.64×");
  assertStringIncludes(ratios!, "30.0×");
  assertStringIncludes(curve!, "Bun, batch");
  assertStringIncludes(curve!, "1 KiB");
  for (const { svg } of charts) assertWellFormed(svg);
});

test("bench charts: without figures there are none", () => {
  assertEquals(chartsOf([]), []);
});

test("bench charts: are written as files", () => {
  inFolder((folder) => {
    writeCharts(join(folder, "charts"), ROWS);
    assertEquals(readdirSync(join(folder, "charts")).sort(), ["push-pull.svg", "ratios.svg"]);
  });
});

test("bench charts: a scale goes from end to end, with round ticks between", () => {
  const scale = logScale(30, 4000, 0, 100);
  assertEquals(scale.ticks, [20, 50, 100, 200, 500, 1000, 2000, 5000]);
  assertEquals([scale(20), scale(5000)], [0, 100]);
  assertEquals(logScale(1, 1e9, 0, 1).ticks.length, 10);
});

test("bench docs: only text between the comments of a section is replaced", () => {
  const page = "a\n<!-- bench:run -->\nold\n<!-- /bench:run -->\nb\n";
  assertEquals(replaceSection(page, "run", "new"), "a\n<!-- bench:run -->\n\nnew\n\n<!-- /bench:run -->\nb\n");
  assertThrows(() => replaceSection(page, "tables", "new"), Error, "it has no <!-- bench:tables -->");
});

test("bench runs: are read as they were saved", () => {
  inFolder((folder) => {
    saveRun(join(folder, "run.json"), RUN);
    assertEquals(resultTables(loadRun(join(folder, "run.json")).rows), resultTables(ROWS));
    writeFileSync(join(folder, "other.json"), "{}");
    assertThrows(() => loadRun(join(folder, "other.json")), Error, "Cannot read");
  });
});

test("bench runs: begin with command, commit, machine and versions", () => {
  assertEquals(
    introduce(RUN),
    "`npm run bench -- --quick` at commit abc1234 on 2026-01-02, 1 round; 2 × Fast, load 0.0 before it began; " +
      "Deno 2.0.0, libzmq in C 4.3.5.",
  );
});

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "zmq-bench-test-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fails unless every tag is closed in order, every attribute is quoted, and no number is missing. */
function assertWellFormed(svg: string): void {
  assert(svg.startsWith("<svg xmlns="));
  assert(!/NaN|Infinity|undefined/.test(svg), svg);
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/gi,
    (_tag, closing, name, _attributes, empty) => {
      if (closing === "/") assertEquals(open.pop(), name);
      else if (empty === "") open.push(name);
      return "";
    },
  );
  assertEquals(open, []);
  assert(!/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(rest), rest);
}
