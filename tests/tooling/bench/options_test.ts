import { assert, assertEquals, assertThrows } from "@std/assert";
import { resolve } from "node:path";
import { nameOf, type Variant } from "../../../bench/case.ts";
import { CASES } from "../../../bench/cases/mod.ts";
import { parseSelection } from "../../../bench/options.ts";
import { PARTIES } from "../../../bench/parties.ts";
import { test } from "../../support/harness.ts";

test("bench options: without arguments every case runs, in five rounds", () => {
  const selection = parseSelection([]);
  assertEquals(selection.rounds, 5);
  assertEquals(selection.cases.length, CASES.length);
  assertEquals(selection.parties.length, PARTIES.length);
  assert(selection.inProcess);
  assertEquals([selection.save, selection.compare, selection.load, selection.charts], Array(4).fill(undefined));
});

test("bench options: a quick run has one round, shorter windows and fewer messages", () => {
  const quick = parseSelection(["--quick"]);
  assertEquals(quick.rounds, 1);
  assert(quick.timing.window < parseSelection([]).timing.window);
  assert(quick.timing.scale < 1);
  assertEquals(parseSelection(["--quick", "--rounds", "3"]).rounds, 3);
});

test("bench options: cases and runtimes may be repeated, and choose the pairs with libzmq", () => {
  const { cases, inProcess, parties, runtimes } = parseSelection(
    ["--case", "raw", "--case", "push-pull", "--runtime", "node", "--runtime", "bun"],
  );
  assertEquals(cases.map(({ id }) => id), ["push-pull", "raw"]);
  assertEquals(inProcess, false);
  assertEquals(runtimes, ["bun", "node"]);
  assertEquals(
    parties.map(({ id }) => id),
    ["bun", "node", "zeromq.js", "libzmq", "bun>libzmq", "node>libzmq", "libzmq>bun", "libzmq>node"],
  );
});

test("bench options: with --alone no pair with libzmq runs", () => {
  assertEquals(parseSelection(["--alone", "--case", "in-process"]).parties.map(({ id }) => id), [
    "deno",
    "bun",
    "node",
  ]);
  assertEquals(parseSelection(["--case", "in-process"]).cases, []);
});

test("bench options: paths are relative to the caller's directory", () => {
  const { charts, compare, load, profiles, save } = parseSelection(
    ["--save", "a", "--compare", "b", "--load", "c", "--charts", "d", "--profile", "e"],
  );
  assertEquals([save, compare, load, charts, profiles], ["a", "b", "c", "d", "e"].map((path) => resolve(path)));
});

for (
  const [args, message] of [
    [["--case", "pull-push"], "Cannot use --case pull-push: choose among push-pull"],
    [["--runtime", "libzmq"], "Cannot use --runtime libzmq: choose among deno, bun, node"],
    [["--rounds", "0"], "Cannot use --rounds 0"],
    [["--rounds", "many"], "Cannot use --rounds many"],
    [["--qick"], "Unknown option '--qick'"],
  ] as const
) {
  test(`bench options: refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseSelection(args), Error, message);
  });
}

test("bench cases: ids, and the names of variants, are unique", () => {
  assertEquals(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  for (const bench of CASES) {
    const names = bench.variants.map((variant: Variant) => nameOf(bench, variant));
    assertEquals(new Set(names).size, names.length, `${bench.id}: ${names}`);
  }
});
