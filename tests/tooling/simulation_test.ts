/**
 * The simulation is the same on every runtime, and `npm run simulate` says what it did.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { run } from "../../scripts/gate/process.ts";
import { RUNTIMES } from "../../scripts/gate/runners.ts";
import { mutated } from "../../scripts/simulate/mutate.ts";
import { MODEL_MUTATIONS } from "../../scripts/simulate/model_mutations.ts";
import { MUTATIONS } from "../../scripts/simulate/mutations.ts";
import { test } from "../support/harness.ts";

const TIMEOUT = 240_000;

async function simulate(...args: readonly string[]): Promise<string> {
  const command = ["--import", "tsx", "scripts/simulate.ts", ...args];
  const { code, output } = await run(process.execPath, command, { timeout: TIMEOUT });
  if (code !== 0) throw new Error(`simulate ${args.join(" ")} ended with ${code}:\n${output}`);
  return output;
}

test("the page about testing lists every invariant by its name", () => {
  const folder = "tests/simulation";
  const sources = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "utf8")).join("\n");
  const checked = [...sources.matchAll(/(?:violate|new Violation)\(\s*"([a-z-]+)"/g)].map(([, name]) => name!);
  const page = readFileSync("docs/testing.md", "utf8");
  const table = page.slice(page.indexOf("| Invariant")).split("\n\n")[0]!;
  const listed = [...table.matchAll(/^\| `([a-z-]+)` /gm)].map(([, name]) => name!);
  assertEquals([...new Set(checked)].sort(), [...listed].sort());
  const promised = readFileSync("docs/reliability.md", "utf8").matchAll(
    /^\| [^|]+ \| (`[a-z-]+`(?:, `[a-z-]+`)*) +\|$/gm,
  );
  const names = [...promised].flatMap(([, cell]) => [...cell!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name!));
  assertEquals(names.filter((name) => !listed.includes(name)), []);
  assertEquals(names.length > 8, true);
});

test("each deliberate bug has its place in the sources, and docs/testing.md lists them all", () => {
  const page = readFileSync("docs/testing.md", "utf8");
  for (const mutation of [...MUTATIONS, ...MODEL_MUTATIONS]) {
    mutated(readFileSync(`src/${mutation.file}`, "utf8"), mutation);
    assertMatch(page, new RegExp(`^\\| ${mutation.name} +\\| \\d+ `, "m"));
  }
});

test("the same seeds give the same traces on Deno, Bun and Node", async () => {
  const digests = await Promise.all(
    RUNTIMES.map((runtime) => simulate("--runtime", runtime, "--seeds", "25", "--digest")),
  );
  assertEquals(digests[0]!.trim().split("\n").length, 25);
  assertMatch(digests[0]!, /^seed 1 [0-9a-f]{8} \d+ passed$/m);
  assertEquals(digests[1], digests[0]);
  assertEquals(digests[2], digests[0]);
}, { timeout: TIMEOUT });

test("simulate --seed N --trace prints what happened, and refuses what it does not know", async () => {
  const story = await simulate("--seed", "7", "--trace");
  assertMatch(story, /^\d+\.\d{3} a0\.0: closed, \d+ given up$/m);
  assertMatch(story, /^1 seeds, 0 failed; /m);
  const { code, output } = await run(process.execPath, ["--import", "tsx", "scripts/simulate.ts", "--sead", "7"], {
    timeout: TIMEOUT,
  });
  assertEquals(code, 2);
  assertMatch(output, /sead/);
}, { timeout: TIMEOUT });
