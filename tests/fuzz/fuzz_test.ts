/**
 * The fuzz targets in the gate: every kept input, and some hundred new ones. `npm run fuzz` runs more.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { test } from "../support/harness.ts";
import { corpora, readCorpus } from "./corpus.ts";
import { Fuzzer, report } from "./fuzzer.ts";
import { require, type Target, toHex } from "./target.ts";
import { TARGETS } from "./targets.ts";

const SEED = 17;
const INPUTS = 400;

test("every corpus belongs to a target", () => {
  assertEquals(corpora().filter((name) => !TARGETS.has(name)), []);
});

for (const target of TARGETS.values()) {
  test(`fuzzing ${target.name}: the corpus, and new inputs with seed ${SEED}`, () => {
    const fuzzer = new Fuzzer(target, readCorpus(target.name), SEED);
    const failure = fuzzer.runKnown() ?? fuzzer.run(target.inputs ?? INPUTS);
    if (failure !== undefined) throw new Error(report(target, failure));
  }, { timeout: 60_000 });
}

test("an input that fails is found, reduced and reported with its command", () => {
  const broken: Target = {
    name: "broken",
    seeds: [new Uint8Array(40).fill(9)],
    run: (input) => require(!(input.length > 2 && input.includes(0x80)), "no byte is 80"),
  };
  const failure = new Fuzzer(broken, [], SEED).run(100_000)!;
  assertEquals(toHex(failure.input), "800000");
  assertMatch(
    report(broken, failure),
    /^broken: Broken: no byte is 80\b[^]*\nnpm run fuzz -- --target broken --input 800000$/,
  );
});

test("the same seed makes the same inputs", () => {
  const target = TARGETS.get("frames-3")!;
  const made = () => {
    const fuzzer = new Fuzzer(target, readCorpus(target.name), SEED);
    return Array.from({ length: 50 }, () => toHex(fuzzer.make()));
  };
  assertEquals(made(), made());
});
