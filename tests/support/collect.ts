/**
 * The garbage collector, asked to run, on the three runtimes.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

interface Globals {
  readonly Bun?: { gc(now: true): void };
}

let gc: (() => void) | undefined;

/** Collects unreferenced objects, and lets finalizers run. */
export async function collect(): Promise<void> {
  const { Bun } = globalThis as Globals;
  if (Bun !== undefined) Bun.gc(true);
  else {
    setFlagsFromString("--expose-gc");
    (gc ??= runInNewContext("gc") as () => void)();
  }
  // Finalizers run in a turn of their own.
  await new Promise((resolve) => setTimeout(resolve));
}
