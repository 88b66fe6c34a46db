/**
 * Drivers are thin: all that links have in common is in their core, so a runtime's driver has at most 100 lines of code.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readdir, readFile } from "node:fs/promises";
import { test } from "../support/harness.ts";

const MOST = 100;

/** Lines that are neither empty nor part of a comment. */
function linesOfCode(source: string): number {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").split("\n").filter((line) => /^\s*(?!\/\/)\S/.test(line)).length;
}

test("drivers: a comment is no code", () => {
  assertEquals(linesOfCode("/** a\n * b */\nconst c = 1;\n\n  // d\n  e();\n"), 2);
});

test("drivers: one per runtime, of at most 100 lines of code", async () => {
  const folder = new URL("../../transports/", import.meta.url);
  const runtimes = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !["shared", "socks"].includes(entry.name))
    .map(({ name }) => name);
  assertEquals(runtimes.toSorted(), ["bun", "deno", "node"]);
  for (const runtime of runtimes) {
    const lines = linesOfCode(await readFile(new URL(`${runtime}/driver.ts`, folder), "utf8"));
    assert(
      lines <= MOST,
      `transports/${runtime}/driver.ts has ${lines} lines of code: put what others need into the core`,
    );
  }
});
