/**
 * docs/migration.md: every name that the typings of zeromq.js declare is in it, except private and protected ones; and its
 * programs of zeromq.js run with zeromq.js.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { deserted } from "../sockets/support.ts";
import { test } from "../support/harness.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const PAGE = read("docs/migration.md");

const MEMBER = /^\s+(?:readonly |get |set |static )*([a-z_]\w*)\??[(:<]/gim;
const EXPORT = /export (?:declare )?(?:abstract )?(?:const enum|class|interface|type|function|const) (\w+)/g;
/** Members that programs do not call. */
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

test("migration: the page's programs of zeromq.js run, on Node with zeromq.js", async () => {
  const [six, five] = Array.from(PAGE.matchAll(/^```js ignore\n([\s\S]*?)^```$/gm), ([, code]) => code!);
  const endpoint = await deserted();
  const run = (code: string) => {
    assert(code.includes("tcp://127.0.0.1:5555"));
    const args = ["--input-type=commonjs", "-e", code.replaceAll("tcp://127.0.0.1:5555", endpoint)];
    return promisify(execFile)(process.execPath, args, { cwd: ROOT }).then(({ stdout }) => stdout);
  };
  assertEquals(await run(six!), "job 42\n");
  // That of version 5 only receives; here it gets one message, and ends.
  const push = `const push = zmq.socket("push");
    pull.on("message", () => (push.close(), pull.close()));
    push.connect("tcp://127.0.0.1:5555");
    push.send(["job", "42"]);`;
  assertEquals(await run(five! + push), "job 42\n");
}, { timeout: 30_000 });
