/**
 * Fake timers of test runners, for the cases in which reading the runtime's functions early is not enough: Bun also
 * fakes functions that were read before, and a program may load this library after fake timers were installed.
 *
 * @module
 */

/** Checks if a function of the runtime is fake now. */
export function isFake(original: (...args: never[]) => unknown): boolean {
  // In this order: the property that Jest, Vitest and Bun set, that of Jest's legacy timers, and the name of the
  // functions of `node:test`, which are bound private methods. The runtime's own functions that a program has bound
  // (`bound setTimeout`) are real.
  return "clock" in original || "_isMockFunction" in original || original.name.startsWith("bound #");
}

/** As in `lib.es2024.sharedmemory.d.ts`. */
interface WaitAsync {
  waitAsync?(cell: Int32Array, index: number, value: number, timeout: number): { readonly value: unknown };
}

/** Keeps the process alive with a message port that has a listener; waiting for memory does not. */
const holder = {
  count: 0,
  channel: undefined as MessageChannel | undefined,
  take(): void {
    if (this.count++ > 0 || typeof MessageChannel !== "function") return;
    this.channel = new MessageChannel();
    this.channel.port1.onmessage = () => {};
  },
  drop(): void {
    if (--this.count > 0) return;
    this.channel?.port1.close();
    this.channel?.port2.close();
    this.channel = undefined;
  },
};

/** A timer that test runners do not fake: it waits for a change of shared memory that never comes, until its timeout. */
export class UnfakedTimer {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #callback: () => void;
  #over = false;
  #held = false;

  /** True if the runtime supports `Atomics.waitAsync`. */
  static get possible(): boolean {
    return (Atomics as WaitAsync).waitAsync !== undefined && typeof SharedArrayBuffer === "function";
  }

  /** Calls `callback` after `ms` milliseconds. */
  constructor(ms: number, callback: () => void) {
    this.#callback = callback;
    // At least 1 ms: with a timeout of 0, `waitAsync` returns a string instead of a promise.
    const { value } = (Atomics as WaitAsync).waitAsync!(this.#cell, 0, 0, Math.max(1, ms));
    Promise.resolve(value).then(() => {
      if (this.#end()) this.#callback();
    });
    this.ref();
  }

  /** Implements `Timer`. */
  cancel(): void {
    if (this.#end()) Atomics.notify(this.#cell, 0);
  }

  /** Implements `Timer`. */
  ref(): void {
    if (this.#held || this.#over) return;
    this.#held = true;
    holder.take();
  }

  /** Implements `Timer`. */
  unref(): void {
    if (!this.#held) return;
    this.#held = false;
    holder.drop();
  }

  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.unref();
    return true;
  }
}
