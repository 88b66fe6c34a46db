/**
 * Fake timers of test runners, where taking the runtime's functions early is not enough: Bun fakes what was taken, too, and
 * a program may load this library when they are on already.
 *
 * @module
 */

/** Checks if a function of the runtime is faked now. */
export function isFake(original: (...args: never[]) => unknown): boolean {
  // In this order: the mark of Jest's, Vitest's and Bun's, that of Jest's old ones, and the name of those of `node:test`, which
  // are private methods that are bound. The runtime's own that a program has bound (`bound setTimeout`) are real.
  return "clock" in original || "_isMockFunction" in original || original.name.startsWith("bound #");
}

/** As in `lib.es2024.sharedmemory.d.ts`. */
interface WaitAsync {
  waitAsync?(cell: Int32Array, index: number, value: number, timeout: number): { readonly value: unknown };
}

/** Keeps the process alive, which a wait for memory does not: a port with a listener does. */
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

/** A timer that test runners do not fake: a wait for memory that never changes. */
export class UnfakedTimer {
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  readonly #callback: () => void;
  #over = false;
  #held = false;

  /** True where the runtime can wait in that way. */
  static get possible(): boolean {
    return (Atomics as WaitAsync).waitAsync !== undefined && typeof SharedArrayBuffer === "function";
  }

  /** Calls `callback` after `ms`. */
  constructor(ms: number, callback: () => void) {
    this.#callback = callback;
    // At least 1 ms: a wait of no time is answered by a text instead of a promise.
    const { value } = (Atomics as WaitAsync).waitAsync!(this.#cell, 0, 0, Math.max(1, ms));
    Promise.resolve(value).then(() => {
      if (this.#end()) this.#callback();
    });
    this.ref();
  }

  /** See `Timer`. */
  cancel(): void {
    if (this.#end()) Atomics.notify(this.#cell, 0);
  }

  /** See `Timer`. */
  ref(): void {
    if (this.#held || this.#over) return;
    this.#held = true;
    holder.take();
  }

  /** See `Timer`. */
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
