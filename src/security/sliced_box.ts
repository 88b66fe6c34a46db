/**
 * A large box (`crypto_secretbox`: XSalsa20 and Poly1305) that is sealed or opened in slices. The first block of the keystream
 * is 32 bytes that are the key of the tag, and 32 that belong to the text, so the text begins in the middle of a block.
 *
 * @module
 */

import { SLICE_SIZE, type Slices } from "../zmtp/slices.ts";
import { TAG_SIZE } from "./curve_crypto.ts";
import { equalSecrets } from "./equal.ts";
import { LEAD, type Scratch } from "./scratch.ts";

/** Makes the scratch ready for the next slice, with key and nonce in place; throws if there is no key any more. */
export type Prepare = () => Scratch;

/** Text that goes through the scratch piece by piece. */
abstract class SlicedBox implements Slices {
  readonly #prepare: Prepare;
  readonly #memory: Uint8Array;
  readonly #memoryLength: number;
  /** Bytes of text. */
  protected readonly length: number;
  #tag: Uint8Array | undefined;

  /** `memory`: what is read between two slices, and must be there still. */
  constructor(prepare: Prepare, length: number, memory: Uint8Array) {
    this.#prepare = prepare;
    this.length = length;
    this.#memory = memory;
    this.#memoryLength = memory.length;
  }

  next(): boolean {
    // Memory that is transferred has no bytes left.
    if (this.#memory.length !== this.#memoryLength) {
      throw new Error("Cannot go on to encrypt or decrypt a frame: its memory was transferred meanwhile");
    }
    return this.slice(this.#prepare());
  }

  /** Forgets what could forge a tag. */
  forget(): void {
    this.#tag?.fill(0);
    this.#tag = undefined;
  }

  protected abstract slice(scratch: Scratch): boolean;

  /** Adds text to the tag, of which so much was added before; `true` if that was the last of it, and the tag is in its place. */
  protected addToTag(scratch: Scratch, added: number, from: number, count: number): boolean {
    if (added === 0) scratch.startTag();
    else scratch.restoreTag(this.#tag!);
    scratch.addToTag(from, count);
    if (added + count < this.length) {
      this.#tag = scratch.saveTag(this.#tag);
      return false;
    }
    scratch.finishTag();
    this.forget();
    return true;
  }
}

/** Where the text of a slice is in the scratch: behind the key of the tag, in the first one. */
function leadOf(done: number): number {
  return done === 0 ? LEAD : 0;
}

/** A box that is being sealed. */
export class BoxSealing extends SlicedBox {
  readonly #first: number;
  readonly #rest: Uint8Array;
  readonly #into: Uint8Array;
  readonly #at: number;
  #done = 0;

  /** The box of `first` and `rest` is written at `at`. */
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

/** A box that is being opened, in its own memory: nothing is decrypted before all of it is authenticated. */
export class BoxOpening extends SlicedBox {
  /** Whether the tag is right. */
  genuine = false;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  #authenticated = 0;
  #done = 0;

  /** The box is what `bytes` has from `at` on. */
  constructor(prepare: Prepare, bytes: Uint8Array, at: number) {
    super(prepare, bytes.length - at - TAG_SIZE, bytes);
    this.#bytes = bytes;
    this.#at = at;
  }

  protected slice(scratch: Scratch): boolean {
    return this.genuine ? this.#decrypt(scratch) : this.#authenticate(scratch);
  }

  /** `true` if the box is not to be opened. */
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
