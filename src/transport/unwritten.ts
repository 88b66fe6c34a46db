/**
 * The unwritten rest of a write, for sockets that take a part of it and keep no reference to the rest.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { isGone } from "../base/untransferable.ts";

const NO_CHUNKS: readonly Uint8Array[] = [];

/** The unwritten rest of a write, chunk by chunk. */
export class Unwritten {
  /** The memory of an unwritten chunk was transferred: neither the chunk nor anything after it can be written. */
  gone = false;
  /** The rest of the current chunk. */
  #rest: Uint8Array = NO_BYTES;
  #chunks = NO_CHUNKS;
  #next = 0;

  /** Keeps the rest of a write, from `offset` in the chunk at `from` on. The array stays the caller's. */
  keep(chunks: readonly Uint8Array[], from = 0, offset = 0): void {
    const first = chunks[from];
    if (first === undefined) return;
    this.#rest = offset === 0 ? first : first.subarray(offset);
    this.#chunks = from + 1 < chunks.length ? chunks.slice(from + 1) : NO_CHUNKS;
    this.#next = 0;
  }

  /** Returns the bytes to write next, at least one; `undefined` if there are none, or if memory is `gone`. */
  next(): Uint8Array | undefined {
    while (this.#rest.length === 0) {
      if (this.#rest !== NO_BYTES && isGone(this.#rest)) this.gone = true;
      if (this.gone) return undefined;
      if (this.#next >= this.#chunks.length) {
        this.clear();
        return undefined;
      }
      this.#rest = this.#chunks[this.#next++]!;
    }
    return this.#rest;
  }

  /** Removes the first `length` of the bytes that `next` returned, because they are taken. */
  take(length: number): void {
    if (length === this.#rest.length) this.#rest = NO_BYTES;
    // Memory that was transferred in the meantime has no length.
    else if (this.#rest.length > 0) this.#rest = this.#rest.subarray(length);
  }

  /** Number of bytes left of the current chunk. */
  get atHand(): number {
    return this.#rest.length;
  }

  /** Releases all memory. */
  clear(): void {
    this.#rest = NO_BYTES;
    this.#chunks = NO_CHUNKS;
    this.#next = 0;
  }
}
