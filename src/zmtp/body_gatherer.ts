/**
 * A frame's body that comes in several chunks. Memory grows as bytes arrive, so that a length alone costs little.
 *
 * @module
 */

/** Bodies up to this size get their memory at once; larger ones grow. */
const EAGER_BODY = 1024 * 1024;
const NONE = new Uint8Array(0);

/** Gathers one body at a time. */
export class BodyGatherer {
  #body: Uint8Array = NONE;
  #length = 0;
  #wanted = 0;

  /** Begins a body of `length` bytes, of which `here` have arrived. */
  start(length: number, here: number): void {
    this.#wanted = length;
    this.#length = 0;
    this.#body = new Uint8Array(Math.min(length, Math.max(EAGER_BODY, 2 * here)));
  }

  /** Copies what belongs to the body from `chunk` at `at`; returns how many bytes those are. */
  take(chunk: Uint8Array, at: number): number {
    const taken = Math.min(chunk.length - at, this.#wanted - this.#length);
    const needed = this.#length + taken;
    if (needed > this.#body.length) {
      const grown = new Uint8Array(Math.min(this.#wanted, Math.max(needed, 2 * this.#body.length)));
      grown.set(this.#body.subarray(0, this.#length));
      this.#body = grown;
    }
    const whole = at === 0 && taken === chunk.length;
    this.#body.set(whole ? chunk : chunk.subarray(at, at + taken), this.#length);
    this.#length = needed;
    return taken;
  }

  /** The body, once it is complete; the gatherer lets go of it. */
  finish(): Uint8Array | undefined {
    if (this.#length < this.#wanted) return undefined;
    const body = this.#body;
    this.#body = NONE;
    return body;
  }
}
