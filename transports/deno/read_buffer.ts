/**
 * Memory for reads of a runtime that reads into given buffers (Deno). Decides how large the next buffer is, and never gives out a
 * byte twice.
 *
 * A waiting read holds its buffer while the connection is idle, so the buffer after a short read is small. A large buffer follows
 * only a small one that was filled, and its size follows the traffic.
 *
 * @module
 */

import { NO_BYTES } from "../../src/base/bytes.ts";

const SMALL = 2048;
const LARGE_MIN = 8192;
const LARGE_MAX = 262_144;
/** Least room at the end of a small buffer that is used for a read. */
const MIN_ROOM = 512;

/** Provides memory to read into, and the chunks that were read. */
export class ReadBuffer {
  #small: Uint8Array = NO_BYTES;
  #largeSize: number = LARGE_MIN;
  #large = false;
  #view: Uint8Array = NO_BYTES;

  /** Returns memory for the next read. Each call must be followed by a call of `take`. */
  next(): Uint8Array {
    if (this.#large) return this.#view = new Uint8Array(this.#largeSize);
    if (this.#small.length < MIN_ROOM) this.#small = new Uint8Array(SMALL);
    return this.#view = this.#small;
  }

  /** Returns the chunk of `length` bytes that was read into the memory of the last `next`. */
  take(length: number): Uint8Array {
    const view = this.#view;
    this.#view = NO_BYTES;
    const full = length === view.length;
    if (!this.#large) {
      this.#small = full ? NO_BYTES : view.subarray(length);
      this.#large = full;
    } else if (full) {
      this.#largeSize = Math.min(this.#largeSize * 2, LARGE_MAX);
    } else {
      if (length < view.length >> 2) this.#largeSize = Math.max(view.length >> 1, LARGE_MIN);
      this.#large = false;
    }
    return full ? view : view.subarray(0, length);
  }
}
