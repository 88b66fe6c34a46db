/**
 * The rest of a write, for sockets that take a part of it and keep none.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { isGone } from "../base/untransferable.ts";

const NO_CHUNKS: readonly Uint8Array[] = [];

/** The rest of a write, chunk by chunk. */
export class Unwritten {
  /** The memory of something that is left was transferred meanwhile: it cannot be written, nor what is behind it. */
  gone = false;
  /** The rest of the chunk at hand. */
  #rest: Uint8Array = NO_BYTES;
  #chunks = NO_CHUNKS;
  #next = 0;

  /** Keeps a write, from a byte of the chunk at `from` on; the array stays the caller's. */
  keep(chunks: readonly Uint8Array[], from = 0, offset = 0): void {
    const first = chunks[from];
    if (first === undefined) return;
    this.#rest = offset === 0 ? first : first.subarray(offset);
    this.#chunks = from + 1 < chunks.length ? chunks.slice(from + 1) : NO_CHUNKS;
    this.#next = 0;
  }

  /** Returns the bytes to be written next, at least one; `undefined` if there is nothing, or if it is `gone`. */
  next(): Uint8Array | undefined {
    while (this.#rest.length === 0) {
      if (this.#rest !== NO_BYTES && isGone(this.#rest)) this.gone = true;
      if (this.gone) return undefined;
      if (this.#next >= this.#chunks.length) {
        this.drop();
        return undefined;
      }
      this.#rest = this.#chunks[this.#next++]!;
    }
    return this.#rest;
  }

  /** Notes that so many of the bytes that `next` returned are taken. */
  take(length: number): void {
    if (length === this.#rest.length) this.#rest = NO_BYTES;
    // Memory that was transferred meanwhile has no length.
    else if (this.#rest.length > 0) this.#rest = this.#rest.subarray(length);
  }

  /** Bytes of the chunk at hand. */
  get atHand(): number {
    return this.#rest.length;
  }

  /** Releases all memory. */
  drop(): void {
    this.#rest = NO_BYTES;
    this.#chunks = NO_CHUNKS;
    this.#next = 0;
  }
}
