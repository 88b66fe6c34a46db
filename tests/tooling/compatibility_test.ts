/**
 * The table of options: every option of every socket type has a row, and every test that it names exists.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { type OptionName, optionsOf } from "../../src/engine/settings.ts";
import type { SocketType } from "../../src/zmtp/socket_type.ts";
import { test } from "../support/harness.ts";

const ROOT = new URL("../../", import.meta.url);
const TEXT = readFileSync(new URL("docs/compatibility.md", ROOT), "utf8");
const ROWS = TEXT.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| --"));

const TYPES: readonly SocketType[] = [
  ...["REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB"] as const,
  ...["XPUB", "XSUB", "PUSH", "PULL", "PAIR", "STREAM"] as const,
];

test("compatibility: every option has a row that names a test", () => {
  const names = new Set<OptionName>(TYPES.flatMap((type) => optionsOf(type)));
  assert(names.size > 40);
  for (const name of names) {
    const rows = ROWS.filter((row) => row.split("|")[2]!.includes(`\`${name}\``));
    assert(rows.length > 0, `${name} has no row in docs/compatibility.md`);
    assert(rows.some((row) => row.includes("`tests/")), `no test is named for ${name}`);
  }
});

test("compatibility: every test that the table names is there", () => {
  const paths = [...TEXT.matchAll(/`(tests\/[^`]*)`/g)].map((match) => match[1]!);
  assert(paths.length > 50);
  assertEquals(paths.filter((path) => !existsSync(new URL(path, ROOT))), []);
});
