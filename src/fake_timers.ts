/**
 * Fake timers of test runners, where taking the runtime's functions early is not enough: Bun fakes what was taken, too, and
 * a program may load this library when they are on already.
 *
 * @module
 */

/** Whether a function of the runtime is faked now. */
export function isFake(original: (...args: never[]) => unknown): boolean {
  // In this order: the mark of Jest's, Vitest's and Bun's, that of Jest's old ones, and the name of those of `node:test`, which
  // are private methods that are bound. The runtime's own that a program has bound (`bound setTimeout`) are real.
  return "clock" in original || "_isMockFunction" in original || original.name.startsWith("bound #");
}

/** As in `lib.es2024.sharedmemory.d.ts`. */
interface WaitAsync {
  waitAsync?(cell: Int32Array, index: number, value: number, timeout: number): { readonly value: unknown };
}

/**
 * Waits in a way that nobody fakes: for memory that never changes. That does not keep the process alive; a test runner does.
 *
 * @returns Takes it back; `undefined` where there is no such way.
 */
export function waitUnfaked(ms: number, callback: () => void): (() => void) | undefined {
  const { waitAsync } = Atomics as WaitAsync;
  if (waitAsync === undefined || typeof SharedArrayBuffer !== "function") return undefined;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let over = false;
  // At least 1 ms: a wait of no time is answered by a text instead of a promise.
  Promise.resolve(waitAsync(cell, 0, 0, Math.max(1, ms)).value).then(() => {
    if (over) return;
    over = true;
    callback();
  });
  return () => {
    if (over) return;
    over = true;
    Atomics.notify(cell, 0);
  };
}
