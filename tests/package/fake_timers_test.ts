/**
 * The package in the tests of its users, whose runners fake time: Jest, Vitest, `node:test` and `bun:test`. Fakes that come after
 * the library was loaded, and fakes that were there before it.
 *
 * @module
 */
// A process of its own: it starts other programs, and takes long.

import { assertEquals } from "@std/assert";
import { transform } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { installed } from "../../scripts/gate/process.ts";
import { ROOT } from "../../scripts/gate/source_files.ts";
import { test } from "../support/harness.ts";
import { npmProject, type Project } from "./support/project.ts";

const TIMEOUT = 120_000;
const SCENARIO = "fake_timers.mjs";

/** One of a runner's ways to fake time, as code. */
interface Fakes {
  readonly name: string;
  /** Where the runner's own functions come from. */
  readonly imports?: string;
  readonly use: string;
  readonly advance: string;
  readonly restore: string;
}

/** A test file: an ES module, in which the library is loaded before the fakes or behind them. */
function specFile({ name, imports = "", use, advance, restore }: Fakes, first: "library" | "fakes"): string {
  const load = `const zmq = await import("@monocoque/zmq");`;
  return `
    ${imports}
    import { underFakeTimers } from "./${SCENARIO}";
    const real = setTimeout;
    test(${JSON.stringify(`${name}, ${first} first`)}, async () => {
      ${first === "library" ? load : ""}
      ${use}
      ${first === "fakes" ? load : ""}
      try {
        await underFakeTimers(zmq, { setTimeout, advance: (ms) => ${advance} });
      } finally {
        ${restore}
      }
      // Sockets go on when time is real again.
      const pull = new zmq.Pull({ receiveTimeout: 20 });
      await pull.receive().then(() => { throw new Error("nothing was sent"); }, () => {});
      await pull.close();
      await new Promise((resolve) => real(resolve, 1));
    }, ${TIMEOUT});
  `;
}

/** Test files for each way to fake time, in both orders; their names. */
function specFiles(fakes: readonly Fakes[]): [name: string, text: string][] {
  return fakes.flatMap((one, i) =>
    (["library", "fakes"] as const).map((first): [string, string] => [`${i}_${first}`, specFile(one, first)])
  );
}

function runner(name: string, run: (project: Project) => Promise<void>): void {
  test(`package: sockets keep working under the fake timers of ${name}`, async () => {
    const project = await npmProject();
    project.copy(SCENARIO);
    await run(project);
  }, { timeout: TIMEOUT });
}

/** Each test of a report in Jest's JSON, which Vitest writes as well. */
function assertAllPassed(json: string, count: number): void {
  const { numPassedTests, numTotalTests } = JSON.parse(json) as Record<string, number>;
  assertEquals([numPassedTests, numTotalTests], [count, count]);
}

/** `vi.useFakeTimers()`; all that can be faked where Node itself goes on: its streams call `process.nextTick`. */
const VITEST: readonly Fakes[] = [
  {
    name: "the usual",
    use: "vi.useFakeTimers();",
    advance: "vi.advanceTimersByTime(ms)",
    restore: "vi.useRealTimers();",
  },
  {
    name: "all",
    use: `vi.useFakeTimers({
      now: 0,
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate", "Date",
        "performance", "queueMicrotask"],
    });`,
    advance: "vi.advanceTimersByTime(ms)",
    restore: "vi.useRealTimers();",
  },
];

runner("Vitest", async (project) => {
  const specs = specFiles(VITEST);
  for (const [name, text] of specs) project.write(`${name}.test.mjs`, text);
  // As Node loads the library, and as Vite does.
  for (const [inline, filters] of [["[]", []], ["true", ["0_"]]] as const) {
    project.write(
      "vitest.config.mjs",
      `export default { cacheDir: "cache", test: { globals: true, server: { deps: { inline: ${inline} } } } };`,
    );
    await project.run(installed("vitest"), "run", ...filters, "--reporter=json", "--outputFile=report.json");
    const count = specs.filter(([name]) => filters.every((filter) => name.startsWith(filter))).length;
    assertAllPassed(readFileSync(join(project.folder, "report.json"), "utf8"), count);
  }
});

const JEST: readonly Fakes[] = [
  {
    name: "modern",
    use: "jest.useFakeTimers();",
    advance: "jest.advanceTimersByTime(ms)",
    restore: "jest.useRealTimers();",
  },
  {
    name: "legacy",
    use: "jest.useFakeTimers({ legacyFakeTimers: true });",
    advance: "jest.advanceTimersByTime(ms)",
    restore: "jest.useRealTimers();",
  },
];
const JEST_COMMAND = join(ROOT, "node_modules", "jest", "bin", "jest.js");

runner("Jest", async (project) => {
  const specs = specFiles(JEST);
  for (const [name, text] of specs) {
    // `jest` is a global only where modules are CommonJS.
    project.write(`${name}.test.mjs`, `import { jest } from "@jest/globals";\n${text}`);
    project.write(`${name}.test.cjs`, await toCommonJs(text));
  }
  project.write("fake_timers.cjs", await toCommonJs(readFileSync(join(project.folder, SCENARIO), "utf8")));
  const config = { transform: {}, testEnvironment: "node", cacheDirectory: "<rootDir>/cache" };
  project.write(
    "jest.config.json",
    JSON.stringify({
      ...config,
      moduleFileExtensions: ["mjs", "cjs", "js", "json"],
      // Both kinds of modules with the modern fakes, the old ones once.
      testMatch: ["**/*.test.cjs", "**/0_*.test.mjs"],
    }),
  );
  const flags = [
    "--config=jest.config.json",
    "--json",
    "--outputFile=report.json",
    "--maxWorkers=2",
    "--watchman=false",
  ];
  await project.run(process.execPath, "--experimental-vm-modules", "--no-warnings", JEST_COMMAND, ...flags);
  assertAllPassed(readFileSync(join(project.folder, "report.json"), "utf8"), specs.length + 2);
});

async function toCommonJs(text: string): Promise<string> {
  const { code } = await transform(text, { format: "cjs", platform: "node", supported: { "dynamic-import": false } });
  return code.replaceAll(SCENARIO, "fake_timers.cjs");
}

runner("node:test", async (project) => {
  const specs = specFiles([{
    name: "mock.timers",
    imports: `import { mock, test as define } from "node:test";
      const test = (name, body, timeout) => define(name, { timeout }, body);`,
    use: "mock.timers.enable();",
    advance: "mock.timers.tick(ms)",
    restore: "mock.timers.reset();",
  }]);
  for (const [name, text] of specs) project.write(`${name}.test.mjs`, text);
  const output = await project.run(process.execPath, "--test", "--test-reporter=tap");
  assertEquals(/^# pass (\d+)$/m.exec(output)?.[1], `${specs.length}`);
});

runner("bun:test", async (project) => {
  const specs = specFiles(["jest.useFakeTimers();", "jest.useFakeTimers(); setSystemTime(new Date(0));"].map((use) => ({
    name: use,
    imports: `import { jest, setSystemTime, test } from "bun:test";`,
    use,
    advance: "jest.advanceTimersByTime(ms)",
    restore: "jest.useRealTimers(); setSystemTime();",
  })));
  // A process each, because one loads the library once for all of its files.
  for (const [name, text] of specs) {
    project.write(`${name}.test.mjs`, text);
    await project.run(installed("bun"), "test", `./${name}.test.mjs`);
  }
});
