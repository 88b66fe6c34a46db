/**
 * The fake timers that programs' tests run under: those of `node:test` and `bun:test`, and on Deno what `FakeTime` of
 * `@std/testing` does, with functions that never call back.
 *
 * @module
 */

import { runtime } from "./harness.ts";

const FAKED = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"];

interface BunTimers {
  readonly jest: { useFakeTimers(): void; useRealTimers(): void };
}

/** Fakes all timers; the function returned takes that back. */
export async function fakeTimers(): Promise<() => void> {
  if (runtime === "node") {
    const { mock } = await import("node:test");
    mock.timers.enable();
    return () => mock.timers.reset();
  }
  if (runtime === "bun") {
    // Not a literal, so that the type checkers of the other runtimes do not look for the module.
    const specifier: string = "bun:test";
    const { jest } = await import(specifier) as BunTimers;
    jest.useFakeTimers();
    return () => jest.useRealTimers();
  }
  return still();
}

/** Time that stands still, and timers that never fire. */
export function still(): () => void {
  const restore: (() => void)[] = [];
  const replace = (owner: object, name: string, value: unknown) => {
    const original = Reflect.getOwnPropertyDescriptor(owner, name)!;
    Object.defineProperty(owner, name, { configurable: true, writable: true, value });
    restore.push(() => Object.defineProperty(owner, name, original));
  };
  for (const name of FAKED) replace(globalThis, name, () => 1);
  replace(globalThis, "queueMicrotask", () => {});
  replace(Date, "now", () => 0);
  replace(Math, "random", () => 0);
  replace(globalThis, "performance", { now: () => 0 });
  return () => {
    for (const undo of restore.reverse()) undo();
  };
}
