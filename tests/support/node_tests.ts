/**
 * `node:test` for the harness: a test file has its process to itself (`node --test FILE`), or several share one, one after the
 * other, as the gate runs them ({@link runFiles}). Either way a file fails that keeps the event loop busy after its last
 * test, or that ends the process with tests left.
 *
 * @module
 */

import process from "node:process";

/** Registers a test with the runtime. */
export type Register = (name: string, body: () => void | Promise<void>, skipped: boolean) => void;

interface Declared {
  readonly name: string;
  readonly body: () => void | Promise<void>;
  readonly skipped: boolean;
}

// Room for a link's close grace and a listener's last callbacks on a busy machine, in ms.
const LEAK_GRACE = 8_000;
const LEAK_POLL = 5;
// Taken before a test can fake them.
const { setTimeout, performance } = globalThis;

/** Tests of the file that is being run, where files share the process. */
let declared: Declared[] | undefined;

/** Returns the function that registers tests with Node in this process. */
export async function registerOnNode(): Promise<Register> {
  if (declared !== undefined) return (name, body, skipped) => void declared!.push({ name, body, skipped });
  const { test } = await import("node:test");
  // Tests that a pattern leaves out never run.
  const all = !process.execArgv.some((argument) => argument.startsWith("--test-name-pattern"));
  let unfinished = 0;
  await watchTheEnd(() => unfinished === 0 ? undefined : `${unfinished} tests`);
  return (name, body, skipped) => {
    const counted = all && !skipped;
    if (counted) unfinished++;
    test(name, { skip: skipped }, async () => {
      try {
        await body();
      } finally {
        if (counted) unfinished--;
      }
    });
  };
}

/**
 * Runs test files in this process, one after the other: each is a test of its path, with its tests below it.
 *
 * @param files Their paths, and the URLs of their modules.
 */
export async function runFiles(files: readonly (readonly [path: string, url: string])[]): Promise<void> {
  const { test } = await import("node:test");
  const left = new Set(files.map(([path]) => path));
  await watchTheEnd(() => left.size === 0 ? undefined : `tests in ${[...left].join(", ")}`);
  for (const [path, url] of files) {
    test(path, async (t) => {
      const before = process.getActiveResourcesInfo();
      declared = [];
      await import(url);
      for (const { name, body, skipped } of declared) await t.test(name, { skip: skipped }, () => body());
      const held = await heldSince(before);
      left.delete(path);
      if (held.length === 0) return;
      await t.test(`${path} leaves the event loop as it was`, () => {
        throw new Error(`Leak: ${LEAK_GRACE} ms after the last test the event loop still holds ${held.join(", ")}`);
      });
    });
  }
}

/** Returns the resources that the event loop still holds after the grace, besides those it held before. */
async function heldSince(before: readonly string[]): Promise<string[]> {
  const deadline = performance.now() + LEAK_GRACE;
  for (;;) {
    const held = process.getActiveResourcesInfo();
    for (const name of before) {
      const at = held.indexOf(name);
      if (at >= 0) held.splice(at, 1);
    }
    if (held.length === 0 || performance.now() > deadline) return held;
    await new Promise((resolve) => setTimeout(resolve, LEAK_POLL));
  }
}

/** Fails a process that ends before its tests, or does not end after them. */
async function watchTheEnd(unfinished: () => string | undefined): Promise<void> {
  const { after } = await import("node:test");
  // Node takes a process that ended with exit code 0 for good, whatever tests were left.
  process.on("exit", () => {
    const left = unfinished();
    if (left === undefined) return;
    process.stderr.write(`The process ended before it had finished ${left}\n`);
    process.exitCode = 1;
  });
  after(() => {
    setTimeout(() => {
      const busy = process.getActiveResourcesInfo().join(", ");
      process.stderr.write(`Leak: ${LEAK_GRACE} ms after the last test the event loop still holds ${busy}\n`);
      process.exit(1);
    }, LEAK_GRACE).unref();
  });
}
