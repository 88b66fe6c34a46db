/**
 * Removing the additions of dnt from sources, in the form in which dnt 0.40 to 0.43 write them.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { SourceMap } from "node:module";
import { isDntFile, withoutDnt } from "../../scripts/npm_package/dnt_files.ts";
import { moveLines } from "../../scripts/npm_package/mappings.ts";
import { test } from "../support/harness.ts";

const POLYFILLS = `import "./_dnt.polyfills.js";\n`;
const SHIMS = `import * as dntShim from "../_dnt.shims.js";\n`;

for (
  const [name, text, restored, lines] of [
    ["nothing", `/** A. */\n\nlet b;\n`, `/** A. */\n\nlet b;\n`, [0, 1, 2, 3]],
    ["a line after comments", `/** A. */\n${POLYFILLS}\n\nlet b;\n`, `/** A. */\n\nlet b;\n`, [0, -1, -1, 1, 2, 3]],
    ["two lines", `/** A. */\n${POLYFILLS}\n${SHIMS}\nlet b;`, `/** A. */\nlet b;`, [0, -1, -1, -1, -1, 1]],
    ["a line before all else", `${SHIMS}let b;\nlet c;`, `let b;\nlet c;`, [-1, 0, 1]],
    ["two before all else", `${POLYFILLS}${SHIMS}let b;`, `let b;`, [-1, -1, 0]],
    ["a name that was taken", `import * as dntShim2 from "./_dnt.shims.js";\nlet b;`, `let b;`, [-1, 0]],
    ["globals", `f(dntShim.dntGlobalThis, dntShim2.crypto);`, `f(globalThis, crypto);`, [0]],
    ["no line of our own", `import "./_dent.js";\nimport "./x_dnt.js";`, `import "./_dent.js";\nimport "./x_dnt.js";`, [
      0,
      1,
    ]],
  ] as const
) {
  test(`dnt's own lines: ${name}`, () => {
    const found = withoutDnt(text);
    assertEquals(found.text, restored);
    assertEquals(lines.map((_, line) => found.lineOf(line) ?? -1), [...lines]);
    // Each line that is left is the line that it is said to be.
    const left = text.replaceAll(/dntShim\w*\.dntG/g, "g").replaceAll(/dntShim\w*\./g, "").split("\n");
    for (const [line, content] of left.entries()) {
      const now = found.lineOf(line);
      if (now !== undefined) assertEquals(restored.split("\n")[now], content);
    }
  });
}

test("dnt's own files are known by their names", () => {
  const own = ["_dnt.polyfills.ts", "esm/_dnt.shims.js.map", "./script/_dnt.polyfills_2.d.ts"];
  const ours = ["esm/mod.js", "esm/dnt.js", "esm/_dnt/x.js", "src/x_dnt.shims.ts"];
  assertEquals([...own, ...ours].filter(isDntFile), own);
});

/** Four lines of code from lines 0, 3, 2 and 40 of a source; the third has a name and a place that is from no source. */
const MAPPINGS = "AAAA;EAGAA,IAAK;;ACDLC,C,GAAE;gBAsCF";

function lines(mappings: string): (number | undefined)[][] {
  const map = new SourceMap({
    ...{ file: "x.js", version: 3, sources: ["a.ts", "b.ts"], sourcesContent: [], sourceRoot: "" },
    ...{ names: ["one", "two"], mappings },
  });
  return [[0, 0], [1, 2], [1, 6], [3, 0], [3, 4], [4, 16]].map(([line, column]) => {
    const entry = map.findEntry(line!, column!) as { originalLine?: number; originalColumn?: number };
    return [entry.originalLine, entry.originalColumn];
  });
}

test("lines of a source map move, and nothing else does", () => {
  assertEquals(moveLines(MAPPINGS, (line) => line), MAPPINGS);
  const before = lines(MAPPINGS);
  const shifted = moveLines(MAPPINGS, (line) => line + 1000);
  assertNotEquals(shifted, MAPPINGS);
  assertEquals(lines(shifted), before.map(([line, column]) => [line === undefined ? line : line + 1000, column]));
  assertEquals(moveLines(shifted, (line) => line - 1000), MAPPINGS);
});

test("a line that was added is mapped to no source, and those after it stay right", () => {
  const [first] = lines(MAPPINGS)[0]!;
  const moved = moveLines(MAPPINGS, (line) => line === first ? undefined : line - 1);
  assertEquals(
    lines(moved).slice(1),
    lines(MAPPINGS).slice(1).map(([line, column]) => [line === undefined ? line : line - 1, column]),
  );
  assertEquals(moved.split(";")[0], "A");
});
