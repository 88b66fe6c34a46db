/**
 * Where a runtime that reads into memory of ours (Deno) puts what it reads: how large the next buffer is, and that no
 * byte handed out is ever written again. It reads nothing itself.
 *
 * A read that waits holds its buffer for as long as the connection is idle, so the one after a read that came back
 * short is small. Only when a small one comes back full is a large one taken, of a size that follows the traffic.
 *
 * @module
 */

import { NO_BYTES } from "../../src/base/bytes.ts";

const SMALL = 2048;
const LARGE_MIN = 8192;
const LARGE_MAX = 262_144;
/** Less room than this at the end of a small buffer is not worth a read. */
const MIN_ROOM = 512;

/** Hands out memory to read into, and the chunks read. */
export class ReadBuffer {
  #small: Uint8Array = NO_BYTES;
  #largeSize: number = LARGE_MIN;
  #large = false;
  #view: Uint8Array = NO_BYTES;

  /** Memory for the next read. Every call is followed by one of `take` before the next. */
  next(): Uint8Array {
    if (this.#large) return this.#view = new Uint8Array(this.#largeSize);
    if (this.#small.length < MIN_ROOM) this.#small = new Uint8Array(SMALL);
    return this.#view = this.#small;
  }

  /** The chunk of `length` bytes that was read into the memory which `next` gave. */
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
