/**
 * Every machine has a table of its states, and every table a test: a file that keeps a state among named ones has a table in its header,
 * and the header names the test that walks it.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { readFile } from "node:fs/promises";
import { sourceFiles } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";

const ROOT = new URL("../../", import.meta.url);
const TABLE = /^ \* \| (?:Event|State) /m;

/** All sources, with their text. */
async function sources(): Promise<{ path: string; text: string }[]> {
  const paths = [...sourceFiles(["src"], ".ts"), ...sourceFiles(["transports"], ".ts")];
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(new URL(path, ROOT), "utf8") })));
}

/** True if a file numbers its states: `#state = OPEN`, with `OPEN = 0` and `CLOSED = 1`. */
function numbered(text: string): boolean {
  const [, first] = /^ {2}#\w+(?:: number)? = ([A-Z_]+);$/m.exec(text) ?? [];
  return /^const [A-Z_]+ = 1;$/m.test(text) && new RegExp(`^const ${first} = [01];$`, "m").test(text);
}

test("state tables: a field of numbered states is recognized", () => {
  assert(numbered("const OPEN = 0;\nconst CLOSED = 1;\nclass A {\n  #state = OPEN;\n}"));
  assert(!numbered("const LEAST = 512;\nclass A {\n  #size = LEAST;\n}"));
});

test("state tables: numbered states have a table", async () => {
  const machines = (await sources()).filter(({ text }) => numbered(text));
  assertGreater(machines.length, 4);
  assertEquals(machines.filter(({ text }) => !TABLE.test(text)).map(({ path }) => path), []);
});

test("state tables: the header of each names the test that reads it", async () => {
  const tables = (await sources()).filter(({ text }) => TABLE.test(text));
  assertGreater(tables.length, 30);
  for (const { path, text } of tables) {
    const header = text.slice(0, text.indexOf("@module"));
    const [, name] =
      /`(tests\/\w+(?:\/\w+)*_test\.ts)`\s+(?:\*\s+)?(?:walks|tests)\s+(?:\*\s+)?the\s+(?:\*\s+)?tables?/.exec(
        header,
      ) ??
        [];
    assert(name !== undefined, `${path} names no test`);
    const walk = await readFile(new URL(name, ROOT), "utf8");
    const known = path.replace(/^src\//, "");
    assert(walk.includes(known) || walk.includes(`\${kind}_queue.ts`), `${name} does not read the table of ${path}`);
  }
});
