/**
 * Every example runs to its end by itself, on the runtime that runs this test, and says something.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readdirSync } from "node:fs";
import { test } from "../support/harness.ts";
import { Child } from "../sockets/support.ts";

const examples = readdirSync(new URL("../../examples/", import.meta.url)).filter((name) => name.endsWith(".ts"));

test("there are examples", () => {
  assert(examples.length >= 5, `only ${examples.length} are there`);
});

for (const name of examples) {
  test(`examples/${name} ends by itself`, async () => {
    await using child = new Child(`../../examples/${name}`);
    assert(await child.line() !== undefined, "it printed nothing");
    while (await child.line() !== undefined);
    assertEquals(await child.exit(), 0);
  }, { timeout: 30_000 });
}
