/**
 * The folders of the runtimes have the same files with the same names in them. Drivers are thin: all that links have in common is
 * in their core, so a runtime's driver has at most 100 lines of code.
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

const FOLDER = new URL("../../transports/", import.meta.url);
const RUNTIMES = ["bun", "deno", "node"];

/** The files of every runtime, with what each exports. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "transport.ts": ["transport"],
  "connect.ts": ["connect"],
  "listen.ts": ["listen"],
  "try_path.ts": ["tryPath"],
  "addresses.ts": ["remoteOf", "selfError"],
};

test("runtimes: the three have the same files, which export the same names", async () => {
  const runtimes = (await readdir(FOLDER, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !["shared", "socks"].includes(entry.name))
    .map(({ name }) => name);
  assertEquals(runtimes.toSorted(), RUNTIMES);
  for (const runtime of RUNTIMES) {
    for (const [file, names] of Object.entries(FILES)) {
      const exported = Object.keys(await import(new URL(`${runtime}/${file}`, FOLDER).href) as object);
      assertEquals(names.filter((name) => !exported.includes(name)), [], `transports/${runtime}/${file}`);
    }
  }
});

test("drivers: at most 100 lines of code", async () => {
  for (const runtime of RUNTIMES) {
    const lines = linesOfCode(await readFile(new URL(`${runtime}/driver.ts`, FOLDER), "utf8"));
    assert(
      lines <= MOST,
      `transports/${runtime}/driver.ts has ${lines} lines of code: put what others need into the core`,
    );
  }
});
