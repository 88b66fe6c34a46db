/**
 * Counts what a piece of code does: how often it copies or cuts bytes, moves array elements, asks for a turn, makes promises.
 *
 * @module
 */

import { systemClock } from "../../src/base/clock.ts";

/** The counts, by the names of the methods. */
export interface Operations {
  /** `Uint8Array.prototype.set`: a copy into existing memory. */
  readonly set: number;
  /** `Uint8Array.prototype.slice`: a copy into new memory. */
  readonly slice: number;
  /** `Uint8Array.prototype.subarray`: a view. */
  readonly subarray: number;
  /** `Array.prototype.shift`, `unshift` and `splice`: they move all elements behind. */
  readonly moves: number;
  /** Turns asked for of the clock. */
  readonly turns: number;
  /** `new Promise`, `Promise.resolve` and `Promise.reject`; not what `async` functions make. */
  readonly promises: number;
}

// deno-lint-ignore no-explicit-any -- whatever the methods that are counted take
type Method = (...args: any[]) => unknown;

/** Runs `body`, which must be synchronous, and returns what it did. */
export function count(body: () => void): Operations {
  const counts = { set: 0, slice: 0, subarray: 0, moves: 0, turns: 0, promises: 0 };
  const restore: (() => void)[] = [];
  const spy = (owner: object, name: string, key: keyof typeof counts) => {
    const original = Reflect.getOwnPropertyDescriptor(owner, name)!;
    const method = Reflect.get(owner, name) as Method;
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value: function (this: unknown, ...args: unknown[]) {
        counts[key]++;
        return Reflect.apply(method, this, args);
      },
    });
    restore.push(() => Object.defineProperty(owner, name, original));
  };
  const bytes = Object.getPrototypeOf(Uint8Array.prototype) as object;
  for (const name of ["set", "slice", "subarray"] as const) spy(bytes, name, name);
  for (const name of ["shift", "unshift", "splice"]) spy(Array.prototype, name, "moves");
  spy(systemClock, "turn", "turns");
  const NativePromise = Promise;
  globalThis.Promise = new Proxy(NativePromise, {
    construct(target, args, newTarget) {
      counts.promises++;
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  restore.push(() => globalThis.Promise = NativePromise);
  try {
    body();
  } finally {
    for (const undo of restore.reverse()) undo();
  }
  return counts;
}
