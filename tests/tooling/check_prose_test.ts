/**
 * The check of prose finds what it must find, and only that.
 *
 * @module
 */
// A process of its own: it reads all pages, and takes long.

import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkedFiles, overdrawn, problemsOf } from "../../scripts/check_prose.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { proseOfCode, proseOfMarkdown, proseOfYaml } from "../../scripts/prose/prose_of.ts";
import { TERMS } from "../../scripts/prose/terms.ts";
import { test } from "../support/harness.ts";

const messages = (path: string, text: string) =>
  problemsOf(path, text).map(({ line, message }) => `${line}: ${message}`);

test("prose: text of Markdown is found without its code, with its lines", () => {
  const page = "# A `b` c\n\nOne `two()`\nthree.\n\n```ts\nnobody();\n```\n\n| Head |\n| --- |\n| cell |\n";
  assertEquals(proseOfMarkdown(page), [
    { line: 1, text: "A Code c", kind: "heading" },
    { line: 3, text: "One Code three.", kind: "text" },
    { line: 10, text: "Head", kind: "heading" },
    { line: 12, text: "cell", kind: "cell" },
  ]);
});

test("prose: comments and messages of code are found, names and code are not", () => {
  const code = [
    "/**",
    " * Does it.",
    " *",
    " * @param x The x.",
    " * ```ts",
    " * nobody();",
    " * ```",
    " */",
    "// One",
    "// sentence.",
    'const url = "http://a"; // At the end.',
    "// deno-lint-ignore no-explicit-any",
    'throw new Error("Cannot send: no peer"); const x = "EAGAIN";',
    "throw new Error(`Frame ${a.b({})} has no name`);",
    "const pattern = /[\"'`]/g;",
  ].join("\n");
  assertEquals(proseOfCode(code).map(({ line, text, kind }) => [line, text, kind]), [
    [2, "Does it.", "text"],
    [4, "The x.", "text"],
    [9, "One sentence.", "text"],
    [11, "At the end.", "text"],
    [13, "Cannot send: no peer", "message"],
    [14, "Frame Code has no name", "message"],
  ]);
});

test("prose: texts and comments of issue templates and workflows are found, ids and commands are not", () => {
  const form = [
    "# For whoever",
    "# reports.",
    "name: Bug",
    "body:",
    "  - type: markdown",
    "    attributes:",
    "      value: |",
    "        First `nobody()`.",
    "",
    "        Second.",
    "  - id: nobody",
    '    label: "How?"',
    "    description: What it prints.",
    "    run: echo nobody # here",
  ].join("\n");
  assertEquals(proseOfYaml(form).map(({ line, text, kind }) => [line, text, kind]), [
    [3, "Bug", "cell"],
    [8, "First Code.", "text"],
    [10, "Second.", "text"],
    [12, "How?", "cell"],
    [13, "What it prints.", "text"],
    [1, "For whoever reports.", "text"],
  ]);
  assertEquals(messages(".github/a.yml", form).map((problem) => problem.split(":")[0]), ["13", "1"]);
});

test("prose: phrases, openings, repeated words and articles are found", () => {
  assertEquals(messages("a.md", "Everything but for this."), ['1: "but for": say except']);
  assertEquals(messages("a.md", "Who wants it may.").length, 1);
  assertEquals(messages("a.md", "Who wants it?\n\n## How it works\n\nHow to run it.\n\nTake the whole whatever."), []);
  assertEquals(messages("a.md", "It is the the end.").length, 1);
  for (
    const old of [
      "A peer that is gone.",
      "An endpoint that was given up.",
      "A message that is thrown away.",
      "One that is passed over.",
      "Takes it back, or takes back what it did.",
      "It holds up the others.",
      "It has nothing but a name.",
      "Wait until it is there.",
      "Each peer in its turn.",
    ]
  ) {
    assertEquals(messages("a.md", old).length, 1, old);
  }
  assertEquals(messages("a.md", "There is a turn of the event loop. It is there that messages wait."), []);
  assertEquals(messages("a.md", "It is a apple.").length, 1);
  assertEquals(messages("a.ts", '// In vain.\nthrow new Error("There is nobody here");').length, 2);
  assertEquals(messages("a.md", "A peer that connects is authorized. The high-water mark is 1000."), []);
  assertEquals(messages("a.md", "A byte order mark is kept."), []);
  for (
    const odd of [
      "A connection that came in.",
      "A hand-made peer.",
      "Sent again and again.",
      "One listener a signal.",
      "It takes so many bytes.",
      "Text that programs hand in.",
      "A command taken apart.",
      "It keeps them for ever.",
      "If it is none, it throws.",
      "The port goes on reading.",
      "A Date is no frame.",
      "Null is none.",
    ]
  ) {
    assertEquals(messages("a.ts", `// ${odd}`).length, 1, odd);
  }
  assertEquals(
    messages("a.ts", "// A port that is no longer bound. There is no reply. None of them is none of ours."),
    [],
  );
  assertEquals(messages("a.ts", "// If there is none, none of the peers is asked."), []);
  assertEquals(messages("a.md", "It takes so many bytes that it fails. It goes on. One listener per signal."), []);
});

test("prose: parts of messages are checked, which begin in lower case, but not the data of tests", () => {
  const hint = 'return "the peer is told what to do";\n';
  assertEquals(messages("src/a.ts", hint).length, 1);
  assertEquals(messages("tests/a_test.ts", hint), []);
  assertEquals(messages("src/a.ts", 'return "EAGAIN"; const names = "told,gone";\n'), []);
});

test("prose: names of tests are checked, besides comments and messages", () => {
  const file = '// Nobody.\ntest("close: who waits is told", run);\ntest(`${of("x")}: ends all waits`, run);\n';
  assertEquals(messages("tests/a_test.ts", file).map((problem) => problem.split(":")[0]), ["1", "2", "2"]);
  assertEquals(messages("src/a.ts", file).length, 1);
  assertEquals(messages("tests/a_test.ts", 'test("topics are sealed: as commands", run);\n').length, 1); // the subject, too
});

test("prose: every directory with documents or code is checked", () => {
  const files = checkedFiles();
  for (const root of ["src", "transports", "examples", "tests", "bench", "scripts", "docs", "npm"]) {
    assert(files.some((path) => path.startsWith(`${root}/`)), root);
  }
  for (
    const path of ["README.md", "CHANGELOG.md", "mod.ts", "scripts/bootstrap.mjs", ".github/ISSUE_TEMPLATE/bug.yml"]
  ) {
    assert(files.includes(path), path);
  }
});

test("prose: every term finds something, and is a pattern of whole words", () => {
  for (const { avoid, say } of TERMS) {
    assert(avoid.flags.includes("g") && avoid.flags.includes("i") && say !== "", avoid.source);
    assert(!avoid.test("xyz"), avoid.source);
  }
});

test("prose: files still to do may have as many problems as they had together, others none", () => {
  const problem = { line: 1, message: "no" };
  assertEquals(overdrawn({ "src/a.ts": [problem] }, { "src/a.ts": 1 }), []);
  assertEquals(overdrawn({ "src/b.ts": [problem] }, { "src/a.ts": 1 }), []); // it was moved
  assertEquals(overdrawn({ "src/a.ts": [problem, problem] }, { "src/a.ts": 1 }).length, 3);
  assertEquals(overdrawn({ "src/a.ts": [problem], "docs/b.md": [problem] }, { "src/a.ts": 1 }), ["docs/b.md:1: no"]);
});

test("prose: the list of files still to do has source files only, no document", () => {
  const toDo = Object.entries(JSON.parse(readFileSync(join(ROOT, "scripts/prose/to_do.json"), "utf8")) as object);
  for (const [path, count] of toDo) {
    // Not that the file exists: it may have moved, and the numbers count together.
    assert(/^(?:src|transports)\/.+\.ts$|^\w+\.ts$/.test(path), path);
    assert(Number.isInteger(count) && count > 0, path);
  }
});
