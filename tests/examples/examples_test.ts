/**
 * Every example runs to its end by itself, on the runtime that runs this test, and prints what its header says that it prints.
 *
 * @module
 */
// A process of its own: it starts one after the other, and takes longest.

import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "../support/harness.ts";
import { Child } from "../sockets/support.ts";

const FOLDER = new URL("../../examples/", import.meta.url);
const examples = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
const index = readFileSync(new URL("README.md", FOLDER), "utf8");

/** The comment at the top of an example. */
function headerOf(name: string): string {
  return /^\/\*\*[\s\S]*?\*\//.exec(readFileSync(new URL(name, FOLDER), "utf8"))?.[0] ?? "";
}

/** The lines below "Prints:" in the header; "…" in them stands for anything. */
function expectedOf(name: string): string[] {
  const lines = headerOf(name).split("\n");
  const start = lines.indexOf(" * Prints:");
  return start < 0 ? [] : lines.slice(start + 1, -1).map((line) => line.replace(/^ \* {5}/, ""));
}

/** The expected line if the printed one is like it, else what was printed. */
function liken(printed: string, expected = ""): string {
  const parts = expected.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(printed) ? expected : printed;
}

test("there are at least thirty examples, and the index lists them all", () => {
  assert(examples.length >= 30, `only ${examples.length} are there`);
  // The patterns of the ZGuide have a table of their own, which lists some again.
  const listed = new Set([...index.matchAll(/\]\((\w+\.ts)\)/g)].map(([, name]) => name!));
  assertEquals([...listed].toSorted(), examples.toSorted());
});

for (const name of examples) {
  test(`examples/${name} prints the output in its header, and exits by itself`, async () => {
    const expected = expectedOf(name);
    assert(expected.length > 0, "its header does not say what it prints");
    assert(headerOf(name).includes(`deno run -A examples/${name}`), "its header does not say how to run it");
    await using child = new Child(`../../examples/${name}`);
    const printed: string[] = [];
    for (let line = await child.line(); line !== undefined; line = await child.line()) {
      printed.push(liken(line, expected[printed.length]));
    }
    assertEquals(printed, expected);
    assertEquals(await child.exit(), 0);
  }, { timeout: 30_000 });
}
