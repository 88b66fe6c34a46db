/**
 * Gathers the body of a frame that arrives in several chunks. Memory grows with the bytes that arrive, so that a large
 * announced length alone costs little. Earlier bytes are moved to larger memory piece by piece, with the following
 * chunks: moving a large body at once would block the event loop.
 *
 * @module
 */

import { NO_BYTES } from "./bytes.ts";

/** Bodies up to this size get all of their memory immediately; larger ones grow. */
const EAGER_BODY = 1024 * 1024;
/**
 * Once this part of a body has arrived, it gets all of its memory: another growth would copy nearly all of it for the
 * last bytes.
 */
const LAST_PART = 1 / 4;
/** Bytes that are moved per byte that arrives: all are moved long before the next growth. */
const MOVED_PER_BYTE = 2;
/** Gathers one body at a time. */
export class BodyGatherer {
  #body: Uint8Array = NO_BYTES;
  #length = 0;
  #wanted = 0;
  /** The memory before the last growth, until all of its bytes are moved. */
  #old: Uint8Array = NO_BYTES;
  #moved = 0;

  /** Starts a body of `length` bytes, of which `here` have arrived. */
  start(length: number, here: number): void {
    this.#wanted = length;
    this.#length = 0;
    this.#body = new Uint8Array(Math.min(length, Math.max(EAGER_BODY, 2 * here)));
  }

  /** Copies the bytes of the body from `chunk`, starting at `at`; returns their number. */
  take(chunk: Uint8Array, at: number): number {
    const taken = Math.min(chunk.length - at, this.#wanted - this.#length);
    const needed = this.#length + taken;
    if (needed > this.#body.length) this.#grow(needed);
    const whole = at === 0 && taken === chunk.length;
    this.#body.set(whole ? chunk : chunk.subarray(at, at + taken), this.#length);
    this.#length = needed;
    if (this.#old !== NO_BYTES) this.#move(MOVED_PER_BYTE * taken);
    return taken;
  }

  /** Returns and releases the body if it is complete. */
  complete(): Uint8Array | undefined {
    if (this.#length < this.#wanted) return undefined;
    if (this.#old !== NO_BYTES) this.#move(Infinity);
    const body = this.#body;
    this.#body = NO_BYTES;
    return body;
  }

  /** Releases an incomplete body. */
  drop(): void {
    this.#body = this.#old = NO_BYTES;
  }

  #grow(needed: number): void {
    // A chunk may be larger than everything before it.
    if (this.#old !== NO_BYTES) this.#move(Infinity);
    this.#old = this.#length === 0 ? NO_BYTES : this.#body.subarray(0, this.#length);
    this.#moved = 0;
    const twice = Math.max(needed, 2 * this.#body.length);
    this.#body = new Uint8Array(needed >= this.#wanted * LAST_PART ? this.#wanted : Math.min(this.#wanted, twice));
  }

  #move(bytes: number): void {
    const end = Math.min(this.#moved + bytes, this.#old.length);
    this.#body.set(this.#old.subarray(this.#moved, end), this.#moved);
    this.#moved = end;
    if (end === this.#old.length) this.#old = NO_BYTES;
  }
}
