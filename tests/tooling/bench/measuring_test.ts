import { assert, assertEquals } from "@std/assert";
import { compareRuns } from "../../../bench/compare.ts";
import { RateMeter } from "../../../bench/meter.ts";
import { peerMedian, Results } from "../../../bench/results.ts";
import { CASES } from "../../../bench/cases/mod.ts";
import { median, quantile, summarize } from "../../../bench/stats.ts";
import { test } from "../../support/harness.ts";
import { row, ROWS } from "./rows.ts";

test("bench statistics: quantiles lie between the values", () => {
  assertEquals(quantile([1, 2, 3, 4], 0), 1);
  assertEquals(quantile([1, 2, 3, 4], 0.5), 2.5);
  assertEquals(quantile([1, 2, 3, 4], 1), 4);
  assert(Number.isNaN(quantile([], 0.5)));
});

test("bench statistics: a summary does not depend on the order", () => {
  assertEquals(summarize([3, 1, 10]), { median: 3, min: 1, max: 10 });
  assertEquals(median([7]), 7);
});

test("bench meter: counts after the warm-up only, until the window is over", async () => {
  const meter = new RateMeter({ warmup: 20, window: 50 });
  const started = performance.now();
  let count = 0;
  for (let over = false; !over;) {
    for (let i = 0; i < 128 && !over; i++) {
      over = meter.add();
      count++;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert(performance.now() - started >= 70);
  assert(meter.rate > 0 && meter.rate < count / 0.05, `${meter.rate} of ${count}`);
});

test("bench results: the rounds of a party stand in one row, and both APIs in one each", () => {
  const [bench] = CASES;
  const results = new Results();
  const [first, second] = bench!.variants;
  results.add(bench!, first!, "bun", { rate: 1 });
  results.add(bench!, first!, "bun", { rate: 3 });
  results.add(bench!, first!, "zeromq.js", { rate: 2 });
  results.add(bench!, second!, "bun", { rate: 8 });
  assertEquals(results.rows.map(({ values }) => values), [{ "bun": [1, 3], "zeromq.js": [2] }, { "bun": [8] }]);
  assertEquals(peerMedian(results.rows, results.rows[1]!, "zeromq.js"), 2);
  assertEquals(peerMedian(results.rows, results.rows[1]!, "libzmq"), undefined);
});

test("bench compare: a change is a difference beyond the spread of both runs", () => {
  const before = [row({ "bun": [100, 110, 90], "node": [100, 110, 90], "deno": [100], "libzmq": [100] })];
  const after = [row({ "bun": [130, 140, 120], "node": [115, 125, 105], "deno": [120], "zeromq.js": [1] })];
  const changes = compareRuns(before, after);
  assertEquals(
    changes.map(({ party, ratio, verdict }) => [party, ratio, verdict]),
    [["bun", 1.3, "better"], ["node", 1.15, "same"], ["deno", 1.2, "same"]],
  );
});

test("bench compare: less is better for times", () => {
  const time = ROWS.at(-1)!;
  const [change] = compareRuns([time], [{ ...time, values: { "bun": [40, 42, 44] } }]);
  assertEquals([change!.before, change!.after, change!.verdict], [22, 42, "worse"]);
});

test("bench compare: rows that only one run has are left out", () => {
  assertEquals(compareRuns([row({ "bun": [1] }, { api: "batch" })], [row({ "bun": [9] })]), []);
});
