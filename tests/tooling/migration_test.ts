/**
 * docs/migration.md: every name that the typings of zeromq.js declare is in it, but for what is private or protected.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { test } from "../support/harness.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const PAGE = read("docs/migration.md");

const MEMBER = /^\s+(?:readonly |get |set |static )*([a-z_]\w*)\??[(:<]/gim;
const EXPORT = /export (?:declare )?(?:abstract )?(?:const enum|class|interface|type|function|const) (\w+)/g;
/** What nobody calls. */
const INTERNAL = ["constructor", "_recv", "_send"];

function namesIn(declarations: string): string[] {
  const code = declarations.replace(/\/\*[\s\S]*?\*\//g, "");
  const found = [...code.matchAll(MEMBER), ...code.matchAll(EXPORT)].map((match) => match[1]!);
  return [...new Set(found)].filter((name) => !INTERNAL.includes(name)).sort();
}

for (const [file, least] of [["index", 100], ["native", 50], ["draft", 10], ["compat", 50]] as const) {
  test(`migration: every name of zeromq.js's ${file}.d.ts is in the page`, () => {
    const names = namesIn(read(`node_modules/zeromq/lib/${file}.d.ts`));
    assert(names.length >= least, `only ${names.length} names were found`);
    assertEquals(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(PAGE)), []);
  });
}
