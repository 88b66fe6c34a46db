import { assertEquals } from "@std/assert";
import { judgeSizes } from "../../scripts/gate/package_sizes.ts";
import { test } from "../support/harness.ts";

function outcome(code: number, stdout: string) {
  return { code, stdout, output: stdout, timedOut: false };
}

const SIZE = { name: "client", passed: true, size: 151_641, sizeLimit: 162_000 };

test("sizes: each is a line of figures; one that is over its limit is a failure by its name", () => {
  const line = "client: 151.6 kB, at most 162.0 kB";
  const within = judgeSizes(outcome(0, JSON.stringify([SIZE])));
  assertEquals([within.passed, within.failures, within.notes], [1, [], [line]]);
  const over = judgeSizes(outcome(1, JSON.stringify([{ ...SIZE, passed: false }, SIZE])));
  assertEquals([over.passed, over.failures], [0, [{ name: line, detail: "" }]]);
});

test("sizes: a bundle that size-limit cannot measure is a failure, with its message", () => {
  const told = JSON.stringify({ error: "no such file" });
  for (const silent of [outcome(1, told), outcome(1, ""), outcome(0, ""), outcome(0, "[]"), outcome(1, "[]")]) {
    const { passed, failures } = judgeSizes(silent);
    assertEquals([passed, failures.length, failures[0]!.detail], [0, 1, silent.output]);
  }
});
