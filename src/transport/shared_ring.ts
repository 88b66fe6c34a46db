/**
 * A ring of bytes in memory that two threads share: one writes, one reads, without locks. It also keeps the places of blocks, which
 * travel outside of the ring and belong between its bytes.
 *
 * The positions count bytes since the beginning, modulo 2³². Each side stores its own position after it has copied, and each loads the
 * other's before: so a byte is never read before it is written, and never overwritten before it is read.
 *
 * @module
 */

import { microtask } from "../base/clock.ts";

/** Bytes that a ring holds. A power of two, so that positions may wrap. */
export const RING_SIZE: number = 256 * 1024;
/** Blocks whose place is kept at a time. */
const MOST_BLOCKS = 8;

// Words that one side writes are in cache lines of their own.
const HEAD = 0;
const BLOCKS = 1;
const PLACES = 2;
const TAIL = 32;
const READER = 64;
const WRITER = 96;
const HEADER = 512;

/** Bytes that are read at a time. */
const MOST_READ = 64 * 1024;
/** Reads up to this size share memory. */
const SMALL_READ = 512;
const SLAB_SIZE = 4096;

/** A thread reads or writes, and looks again before it sleeps. */
const AWAKE = 0;
/** It waits for a notification. */
const ASLEEP = 1;
/** It waits for a message, because it cannot wait for a notification without blocking. */
const ASLEEP_AT_PORT = 2;

type WaitAsync = (words: Int32Array, at: number, value: number) => { async: boolean; value: unknown };

// Module-level, because it is what the runtime can do. TypeScript's library of our target does not have it.
let waitAsync = (Atomics as { waitAsync?: WaitAsync }).waitAsync;
let possible = typeof SharedArrayBuffer === "function";

/**
 * Sets what this thread uses, for tests and benchmarks. Without an argument: what the runtime has.
 *
 * @lintignore Here, because only this module can change what it has read from the runtime (`knip.published.jsonc`).
 */
export function useSharedMemory(use?: { readonly rings: boolean; readonly notifications: boolean }): void {
  waitAsync = use?.notifications === false ? undefined : (Atomics as { waitAsync?: WaitAsync }).waitAsync;
  possible = use?.rings ?? typeof SharedArrayBuffer === "function";
}

/**
 * The memory of a new ring; `undefined` where threads cannot share memory.
 *
 * @param position The first position, for tests.
 */
export function newRing(position = 0): SharedArrayBuffer | undefined {
  if (!possible) return undefined;
  const memory = new SharedArrayBuffer(HEADER + RING_SIZE);
  const words = new Int32Array(memory, 0, HEADER >> 2);
  words[HEAD] = words[TAIL] = position;
  return memory;
}

/** A side of a ring that sleeps until its peer wakes it. */
class Sleeper {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #woken: () => void;
  #notified = false;
  #open = true;

  constructor(words: Int32Array, at: number, woken: () => void) {
    this.#words = words;
    this.#at = at;
    this.#woken = woken;
  }

  /** From now on the peer wakes this side. Look once more for what it did before, then call `wait` or `rise`. */
  lieDown(): void {
    Atomics.store(this.#words, this.#at, waitAsync === undefined ? ASLEEP_AT_PORT : ASLEEP);
  }

  /** There was something to do. */
  rise(): void {
    Atomics.store(this.#words, this.#at, AWAKE);
  }

  /** There was nothing to do: waits. */
  wait(): void {
    // A wait cannot be cancelled: the one that is pending serves the next sleep, too.
    if (this.#notified || waitAsync === undefined) return;
    const { async, value } = waitAsync(this.#words, this.#at, ASLEEP);
    this.#notified = true;
    const woken = () => {
      this.#notified = false;
      if (this.#open) this.#woken();
    };
    if (async) (value as Promise<unknown>).then(woken);
    else microtask(woken);
  }

  /** Ends a wait that is pending, so that nothing refers to the ring. */
  close(): void {
    this.#open = false;
    this.rise();
    Atomics.notify(this.#words, this.#at);
  }
}

/** Wakes the peer if it sleeps; `true` if that needs a message. */
function wake(words: Int32Array, at: number): boolean {
  if (Atomics.load(words, at) === AWAKE) return false;
  const was = Atomics.exchange(words, at, AWAKE);
  if (was === ASLEEP) Atomics.notify(words, at);
  return was === ASLEEP_AT_PORT;
}

/** The side that writes. */
export class RingWriter {
  readonly sleeper: Sleeper;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  #head: number;
  #blocks = 0;

  /** @param woken Called when the reader has made room for a writer that waits. */
  constructor(memory: SharedArrayBuffer, woken: () => void) {
    this.#words = new Int32Array(memory, 0, HEADER >> 2);
    this.#bytes = new Uint8Array(memory, HEADER);
    this.#head = Atomics.load(this.#words, HEAD);
    this.sleeper = new Sleeper(this.#words, WRITER, woken);
  }

  /** Copies all chunks into the ring, or nothing if there is no room for all. */
  write(chunks: readonly Uint8Array[], size: number): boolean {
    const used = (this.#head - Atomics.load(this.#words, TAIL)) | 0;
    if (size > RING_SIZE - used) return false;
    let at = this.#head & (RING_SIZE - 1);
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i]!;
      const left = RING_SIZE - at;
      if (chunk.length <= left) this.#bytes.set(chunk, at);
      else {
        this.#bytes.set(chunk.subarray(0, left), at);
        this.#bytes.set(chunk.subarray(left), 0);
      }
      at = (at + chunk.length) & (RING_SIZE - 1);
    }
    Atomics.store(this.#words, HEAD, this.#head = (this.#head + size) | 0);
    return true;
  }

  /** A block follows the bytes that were written. */
  block(): void {
    Atomics.store(this.#words, PLACES + (this.#blocks & (MOST_BLOCKS - 1)), this.#head);
    Atomics.store(this.#words, BLOCKS, this.#blocks = (this.#blocks + 1) | 0);
  }

  /** Wakes a reader that sleeps; `true` if that needs a message. */
  wakeReader(): boolean {
    return wake(this.#words, READER);
  }
}

/** The side that reads. */
export class RingReader {
  readonly sleeper: Sleeper;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  #tail: number;
  #blocks = 0;
  #slab = new Uint8Array(0);
  #used = 0;

  /** @param woken Called when there is something to read for a reader that waits. */
  constructor(memory: SharedArrayBuffer, woken: () => void) {
    this.#words = new Int32Array(memory, 0, HEADER >> 2);
    this.#bytes = new Uint8Array(memory, HEADER);
    this.#tail = Atomics.load(this.#words, TAIL);
    this.sleeper = new Sleeper(this.#words, READER, woken);
  }

  /** A copy of bytes that were written, as far as the next block; `undefined` if there are none. */
  read(): Uint8Array | undefined {
    let end = Atomics.load(this.#words, HEAD);
    if (this.#blocks !== Atomics.load(this.#words, BLOCKS)) {
      const place = this.#place();
      if (((place - end) | 0) < 0) end = place;
    }
    const size = Math.min((end - this.#tail) | 0, MOST_READ);
    if (size === 0) return undefined;
    const chunk = this.#memory(size);
    const at = this.#tail & (RING_SIZE - 1);
    const left = RING_SIZE - at;
    if (size <= left) chunk.set(this.#bytes.subarray(at, at + size));
    else {
      chunk.set(this.#bytes.subarray(at));
      chunk.set(this.#bytes.subarray(0, size - left), left);
    }
    Atomics.store(this.#words, TAIL, this.#tail = (this.#tail + size) | 0);
    return chunk;
  }

  /** True if a block is next. */
  get atBlock(): boolean {
    return this.#blocks !== Atomics.load(this.#words, BLOCKS) && this.#place() === this.#tail;
  }

  /** The block was read. */
  passBlock(): void {
    this.#blocks = (this.#blocks + 1) | 0;
  }

  /** Wakes a writer that sleeps, if half of the ring is free; `true` if that needs a message. */
  wakeWriter(): boolean {
    if (Atomics.load(this.#words, WRITER) === AWAKE) return false;
    const used = (Atomics.load(this.#words, HEAD) - this.#tail) | 0;
    return used <= RING_SIZE / 2 && wake(this.#words, WRITER);
  }

  #place(): number {
    return Atomics.load(this.#words, PLACES + (this.#blocks & (MOST_BLOCKS - 1)));
  }

  /** Memory that is never written again after the read. */
  #memory(size: number): Uint8Array {
    if (size > SMALL_READ) return new Uint8Array(size);
    if (size > this.#slab.length - this.#used) {
      this.#slab = new Uint8Array(SLAB_SIZE);
      this.#used = 0;
    }
    return this.#slab.subarray(this.#used, this.#used += size);
  }
}
