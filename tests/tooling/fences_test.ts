/**
 * No snippet escapes the tests: every fenced block of a document or a doc comment is TypeScript that the snippet tests run,
 * or is listed here with what runs it instead, or why nothing can. Commands name scripts, files and flags that exist.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { documents, publishedRoots, ROOT, sourceFiles } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";

interface Fence {
  readonly file: string;
  /** The words behind the fence, `ts ignore`. */
  readonly info: string;
  readonly code: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const FENCE = /^([ \t]*(?:\* ?)?)(`{3,}|~{3,})([^\n]*)\n([\s\S]*?)^[ \t]*(?:\* ?)?\2[ \t]*$/gm;
const fencesOf = (file: string, text: string): Fence[] =>
  Array.from(text.matchAll(FENCE), ([, , , info, code]) => ({ file, info: info!.trim(), code: code! }));

const PAGES = ["CHANGELOG.md", ...documents()];
const FENCES = [...PAGES, ...sourceFiles([...publishedRoots(), "examples"], ".ts")]
  .flatMap((file) => fencesOf(file, read(file)));

/** Blocks that the snippet tests do not run: where they are, how they begin, and what runs them, or why nothing does. */
const OTHERS: readonly (readonly [file: string, info: string, begin: string, how: string])[] = [
  ["docs/getting-started.md", "ts ignore", "// server.ts", "tests/examples/getting_started_test.ts"],
  ["docs/getting-started.md", "ts ignore", "// client.ts", "tests/examples/getting_started_test.ts"],
  ["docs/cluster.md", "ts ignore", "import cluster", "tests/examples/cluster_page_test.ts"],
  ["docs/guide/threads.md", "ts ignore", "// main.ts", "tests/examples/threads_page_test.ts"],
  ["docs/guide/threads.md", "ts ignore", "// worker.ts", "tests/examples/threads_page_test.ts"],
  [
    "docs/guide/threads.md",
    "ts ignore",
    "// publisher_worker.ts",
    "publisher_threads_test runs these calls, where threads can share a port",
  ],
  ["src/engine/context.ts", "ts ignore", "   * // worker.ts", "half of a pair; threads_page_test runs one"],
  ["src/engine/options/threads.ts", "ts ignore", " * import { Worker }", "half of a pair, as in docs/guide/threads.md"],
  ["src/sockets/serve_publisher.ts", "ts ignore", " * // publisher_worker.ts", "the same"],
  ["docs/migration.md", "json", '{\n  "dependencies": { "zeromq"', "tests/package/zeromq_test.ts"],
  ["docs/migration.md", "js ignore", 'const zmq = require("zeromq");', "tests/tooling/migration_test.ts"],
  ["docs/migration.md", "js ignore", 'const zmq = require("zeromq/v5-compat");', "tests/tooling/migration_test.ts"],
  ["docs/interop.md", "python", "import zmq", "tests/interop/python_snippets_test.ts"],
  ["docs/security.md", "python", "import zmq.auth", "tests/interop/python_snippets_test.ts"],
  ["docs/security.md", "python", "import zmq\n", "tests/interop/python_snippets_test.ts"],
  ["docs/security.md", "python", "import zmq, zmq.auth", "tests/interop/python_snippets_test.ts"],
  ["docs/guide/diagnostics.md", "bash", "ZMQ_DEBUG='*' node", "tests/sockets/debug_variable_test.ts"],
  ["docs/guide/diagnostics.md", "text", "zmq +0.061 s", "tests/sockets/debug_log_test.ts"],
  ["docs/guide/diagnostics.md", "text", "PUSH#1 {", "tests/sockets/diagnostics_test.ts"],
  ["docs/troubleshooting.md", "bash", "ZMQ_DEBUG='*' node", "tests/sockets/debug_variable_test.ts"],
  ["docs/troubleshooting.md", "text", "", "tests/sockets/troubleshooting_test.ts"],
  ["docs/containers.md", "dockerfile", "FROM node", "needs Docker"],
  ["docs/containers.md", "dockerfile", "FROM denoland/deno", "needs Docker"],
  ["docs/containers.md", "yaml", "# Kubernetes", "needs Kubernetes"],
];

test("fences: blocks of every form are found", () => {
  const page = "```ts\na\n```\n\n~~~\nb\n~~~\n\n- x\n  ````md\n  ```ts\n  c\n  ```\n  ````\n";
  assertEquals(fencesOf("a.md", page).map(({ info, code }) => [info, code]), [
    ["ts", "a\n"],
    ["", "b\n"],
    ["md", "  ```ts\n  c\n  ```\n"],
  ]);
  assertEquals(fencesOf("a.ts", "/**\n * ```ts\n * a();\n * ```\n */")[0]!.info, "ts");
});

test("fences: a block is TypeScript that runs, commands, or listed with its runner", () => {
  assert(FENCES.length > 120, `only ${FENCES.length} blocks were found`);
  const escaped = FENCES.filter(({ file, info }) => info !== "ts" && !(info === "sh" && file.endsWith(".md")))
    .map(({ file, info, code }) => [file, info, code] as const);
  const listed = ([file, info, code]: readonly [string, string, string]) =>
    OTHERS.filter((other) => other[0] === file && other[1] === info && code.startsWith(other[2]));
  assertEquals(escaped.filter((one) => listed(one).length === 0).map((one) => one.join(" ").slice(0, 80)), []);
  // Nothing is listed that no page has.
  assertEquals(OTHERS.filter((other) => !escaped.some((one) => listed(one).includes(other))), []);
});

test("fences: the tests that run other blocks exist, and name their page", () => {
  for (const [file, , , how] of OTHERS) {
    if (!how.startsWith("tests/")) continue;
    assert(existsSync(join(ROOT, how)), how);
    assert(read(how).includes(file.slice(file.lastIndexOf("/") + 1)), `${how} does not name ${file}`);
  }
});

/** Lines of commands, without their comments, and the inline code that is a command. */
function commands(): [page: string, command: string][] {
  return PAGES.flatMap((page) => {
    const text = read(page);
    const lines = fencesOf(page, text).filter(({ info }) => info === "sh").flatMap(({ code }) => code.split("\n"));
    const inline = Array.from(text.matchAll(/`((?:npm|npx|node) [^`\n]+)`/g), ([, code]) => code!);
    return [...lines, ...inline].map((line) => [page, line.replace(/(?:^|\s)#.*/, "").trim()] as [string, string])
      .filter(([, line]) => line !== "");
  });
}

test("commands: scripts of npm and files that documents name exist", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const found = commands();
  assert(found.length > 60, `only ${found.length} commands were found`);
  const wrong = found.filter(([, command]) => {
    const script = /^npm run ([\w:-]+)/.exec(command)?.[1];
    if (script !== undefined && !(script in scripts)) return true;
    const files = command.matchAll(/(?:^|\s)((?:bench|docs|examples|scripts|tests)\/[\w./-]+)/g);
    return [...files].some(([, file]) => !existsSync(join(ROOT, file!)));
  });
  assertEquals(wrong, []);
});

test("commands: benchmarks and attacks that documents name exist", () => {
  const folder = { bench: "bench/cases", attack: "bench/attack/cases" };
  const known = (which: "bench" | "attack") =>
    sourceFiles([folder[which]], ".ts").map(read).join("\n").replaceAll("_", "-");
  const wrong = commands().flatMap(([page, command]) => {
    const which = /^npm run (bench|attack)\b/.exec(command)?.[1] as "bench" | "attack" | undefined;
    if (which === undefined) return [];
    return Array.from(command.matchAll(/--case ([\w-]+)/g), ([, name]) => name!)
      .filter((name) => !known(which).includes(`"${name}"`) && name !== "in-process" && name !== "none")
      .map((name) => `${page}: ${which} has no case ${name}`);
  });
  assertEquals(wrong, []);
});
