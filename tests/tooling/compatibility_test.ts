/**
 * The table of options: every option of every socket type has a row, every number of libzmq's has one, and every test that
 * the tables name exists. `libzmq_constants.json` has the names and numbers of zmq.h of libzmq 4.3.6 with its drafts.
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

/** Constants by name, by what they are for. */
type Groups = Readonly<Record<string, Readonly<Record<string, number>>>>;

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

test("compatibility: every constant of libzmq has a row, under its name and number", () => {
  const groups = JSON.parse(readFileSync(new URL("libzmq_constants.json", import.meta.url), "utf8")) as Groups;
  let count = 0;
  for (const [group, constants] of Object.entries(groups)) {
    const draft = group.startsWith("draft ") ? "†" : "";
    for (const [name, value] of Object.entries(constants)) {
      const number = group.endsWith("monitor events") ? `0x${value.toString(16).padStart(4, "0")}` : `${value}`;
      const label = new RegExp(`\`${name}\`${draft} ${number}(?!\\w)`);
      const rows = ROWS.filter((row) => label.test(row.split("|")[1]!));
      assert(rows.length > 0, `${group}: \`${name}\`${draft} ${number} has no row in docs/compatibility.md`);
      for (const row of rows) {
        assert(row.split("|").slice(2).some((cell) => /\w/.test(cell)), `${name}: nothing is said`);
      }
      count++;
    }
  }
  assert(count > 150, `${count}`);
});

test("compatibility: every test that the table names is there", () => {
  const paths = [...TEXT.matchAll(/`(tests\/[^`]*)`/g)].map((match) => match[1]!);
  assert(paths.length > 50);
  assertEquals(paths.filter((path) => !existsSync(new URL(path, ROOT))), []);
});
