/**
 * Encrypts or decrypts a large box (`crypto_secretbox`: XSalsa20 and Poly1305) in slices. In the first block of the key
 * stream, 32 bytes are the key of the tag and 32 belong to the text, so the text begins in the middle of a block.
 *
 * @module
 */

import { SLICE_SIZE, type Slices } from "../zmtp/slices.ts";
import { TAG_SIZE } from "./curve_crypto.ts";
import { equalSecrets } from "./equal.ts";
import { LEAD, type Scratch } from "./scratch.ts";

/** Prepares the scratch memory for the next slice, with key and nonce in place. Throws if the key was erased. */
export type Prepare = () => Scratch;

/** Moves the text through the scratch memory slice by slice. */
abstract class SlicedBox implements Slices {
  readonly #prepare: Prepare;
  readonly #memory: Uint8Array;
  readonly #memoryLength: number;
  /** Length of the text in bytes. */
  protected readonly length: number;
  #tag: Uint8Array | undefined;

  /** @param memory The memory that the slices are read from. */
  constructor(prepare: Prepare, length: number, memory: Uint8Array) {
    this.#prepare = prepare;
    this.length = length;
    this.#memory = memory;
    this.#memoryLength = memory.length;
  }

  next(): boolean {
    // Memory that was transferred has no bytes left.
    if (this.#memory.length !== this.#memoryLength) {
      throw new Error("Cannot encrypt or decrypt a frame: its memory was transferred in the meantime");
    }
    return this.slice(this.#prepare());
  }

  /** Erases the state of the tag, with which tags could be forged. */
  forget(): void {
    this.#tag?.fill(0);
    this.#tag = undefined;
  }

  protected abstract slice(scratch: Scratch): boolean;

  /**
   * Adds text to the tag, to which `added` bytes were added before. Returns `true` if that was the last part and the
   * tag is complete.
   */
  protected addToTag(scratch: Scratch, added: number, from: number, count: number): boolean {
    if (added === 0) scratch.startTag();
    else scratch.restoreTag(this.#tag!);
    scratch.addToTag(from, count);
    if (added + count < this.length) {
      this.#tag = scratch.saveTag(this.#tag);
      return false;
    }
    scratch.writeTag();
    this.forget();
    return true;
  }
}

/** Returns the offset of a slice's text in the scratch memory: after the key of the tag in the first slice. */
function leadOf(done: number): number {
  return done === 0 ? LEAD : 0;
}

/** Encrypts a box in slices. */
export class BoxSealing extends SlicedBox {
  readonly #first: number;
  readonly #rest: Uint8Array;
  readonly #into: Uint8Array;
  readonly #at: number;
  #done = 0;

  /** Writes the box of `first` and `rest` at `at`. */
  constructor(prepare: Prepare, first: number, rest: Uint8Array, into: Uint8Array, at: number) {
    super(prepare, 1 + rest.length, rest);
    this.#first = first;
    this.#rest = rest;
    this.#into = into;
    this.#at = at;
  }

  protected slice(scratch: Scratch): boolean {
    const done = this.#done;
    const lead = leadOf(done);
    const count = Math.min(SLICE_SIZE - lead, this.length - done);
    const { heap, text, box } = scratch;
    if (done === 0) {
      heap.fill(0, text, text + LEAD);
      heap[text + LEAD] = this.#first;
      heap.set(this.#rest.subarray(0, count - 1), text + LEAD + 1);
    } else {
      heap.set(this.#rest.subarray(done - 1, done - 1 + count), text);
    }
    scratch.mask(lead + count, done + LEAD - lead);
    const last = this.addToTag(scratch, done, lead, count);
    this.#into.set(heap.subarray(text + lead, text + lead + count), this.#at + TAG_SIZE + done);
    this.#done = done + count;
    if (last) this.#into.set(heap.subarray(box, text), this.#at);
    return last;
  }
}

/** Decrypts a box in slices, in its own memory. Nothing is decrypted before all of it is authenticated. */
export class BoxOpening extends SlicedBox {
  /** True if the tag is correct. */
  genuine = false;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  #authenticated = 0;
  #done = 0;

  /** The box is `bytes` from `at` on. */
  constructor(prepare: Prepare, bytes: Uint8Array, at: number) {
    super(prepare, bytes.length - at - TAG_SIZE, bytes);
    this.#bytes = bytes;
    this.#at = at;
  }

  protected slice(scratch: Scratch): boolean {
    return this.genuine ? this.#decrypt(scratch) : this.#authenticate(scratch);
  }

  /** Returns `true` if the tag is wrong, so that there is nothing to decrypt. */
  #authenticate(scratch: Scratch): boolean {
    const { heap, text, box } = scratch;
    const added = this.#authenticated;
    if (added === 0) {
      heap.fill(0, text, text + LEAD);
      scratch.mask(LEAD, 0);
    }
    const lead = leadOf(added);
    const count = Math.min(SLICE_SIZE, this.length - added);
    heap.set(this.#part(added, count), text + lead);
    const last = this.addToTag(scratch, added, lead, count);
    this.#authenticated = added + count;
    if (!last) return false;
    const tag = this.#bytes.subarray(this.#at, this.#at + TAG_SIZE);
    this.genuine = equalSecrets(tag, heap.subarray(box, text));
    return !this.genuine;
  }

  #decrypt(scratch: Scratch): boolean {
    const { heap, text } = scratch;
    const done = this.#done;
    const lead = leadOf(done);
    const count = Math.min(SLICE_SIZE - lead, this.length - done);
    const part = this.#part(done, count);
    heap.set(part, text + lead);
    scratch.mask(lead + count, done + LEAD - lead);
    part.set(heap.subarray(text + lead, text + lead + count));
    this.#done = done + count;
    return this.#done === this.length;
  }

  #part(from: number, count: number): Uint8Array {
    const start = this.#at + TAG_SIZE + from;
    return this.#bytes.subarray(start, start + count);
  }
}
