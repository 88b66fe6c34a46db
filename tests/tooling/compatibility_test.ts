/**
 * The table of options: every option of every socket type has a row, every number of libzmq's has one, and every test that
 * the tables name exists. `libzmq_constants.json` has the names and numbers of zmq.h of libzmq 4.3.6 with its drafts.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { test } from "../support/harness.ts";
import type { Option } from "../../src/base/option.ts";
import { whenTable } from "../support/option_table.ts";
import { definitionOf, optionOf, optionsOf, TYPES } from "../support/socket_types.ts";

const ROOT = new URL("../../", import.meta.url);
const TEXT = readFileSync(new URL("docs/compatibility.md", ROOT), "utf8");
const ROWS = TEXT.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| --"));

/** Constants by name, by what they are for. */
type Groups = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Every option of every type, by its name; a Router's and a Stream's `notify` are two. */
const OPTIONS = new Map<string, Set<Option<unknown>>>();
for (const type of TYPES) {
  for (const name of optionsOf(type)) OPTIONS.set(name, (OPTIONS.get(name) ?? new Set()).add(optionOf(type, name)!));
}

test("compatibility: the table says when a change of each option applies", () => {
  const section = TEXT.split("### When a change applies")[1]?.split("\n###")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !/^\| (--|A change)/.test(line));
  const plain = rows.map((row) => row.replaceAll(/ +\|/g, " |"));
  assertEquals(plain, whenTable(OPTIONS), `The table is to be:\n${whenTable(OPTIONS).join("\n")}`);
});

test("compatibility: the row of an option names it as zmq.h does, and one that is ours has no name there", () => {
  const numbers = new Set<string>();
  for (const [name, all] of OPTIONS) {
    const rows = ROWS.filter((row) => row.split("|")[2]!.includes(`\`${name}\``)).map((row) => row.split("|")[1]!);
    for (const { libzmq } of all) {
      for (const constant of libzmq) {
        assert(rows.some((cell) => cell.includes(`\`${constant}\``)), `no row has ${constant} for ${name}`);
        numbers.add(constant);
      }
      if (libzmq.length === 0) assert(rows.some((cell) => !cell.includes("`")), `the row of ${name} names a constant`);
    }
  }
  const known = JSON.parse(readFileSync(new URL("libzmq_constants.json", import.meta.url), "utf8")) as Groups;
  const constants = new Set(Object.values(known).flatMap((group) => Object.keys(group)));
  assertEquals([...numbers].filter((name) => !constants.has(name)), []);
});

test("compatibility: a socket type has the number of zmq.h, except XPUB and XSUB, which have those of RFC 15", () => {
  const known = JSON.parse(readFileSync(new URL("libzmq_constants.json", import.meta.url), "utf8")) as Groups;
  const types = Object.values(known).find((group) => "DEALER" in group)!;
  for (const type of TYPES) {
    const expected = type === "STREAM" ? undefined : types[type.replace(/^X/, "")];
    assertEquals(definitionOf(type).code, expected, type);
  }
});

test("compatibility: every option has a row that names a test", () => {
  assert(OPTIONS.size > 40);
  for (const [name] of OPTIONS) {
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

test("compatibility: every test that the table names exists", () => {
  const paths = [...TEXT.matchAll(/`(tests\/[^`]*)`/g)].map((match) => match[1]!);
  assert(paths.length > 50);
  assertEquals(paths.filter((path) => !existsSync(new URL(path, ROOT))), []);
});
