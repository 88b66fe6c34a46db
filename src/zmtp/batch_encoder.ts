/**
 * Encodes messages into the chunks of one write. Small frames are copied next to each other into slabs, large bodies
 * are passed on by reference: writing once is what makes small messages fast (docs/performance.md).
 *
 * @module
 */

import { keep } from "../base/untransferable.ts";
import type { Message } from "../base/message.ts";
import { type Framing, MAX_HEADER_SIZE, MORE, STREAM_FRAMING, writeHeader } from "./frame.ts";
import type { FrameSealer } from "./mechanism.ts";

/** Bodies larger than this, in bytes, are passed on by reference. */
export const COPY_LIMIT: number = 16 * 1024;

/** Size of a slab, in bytes: the messages of one write, the last of which may begin just below 60 KiB. */
export const SLAB_SIZE: number = 80 * 1024;

/** Size of a small slab, in bytes: for writes of one or two messages, many of which may be in flight at once. */
const SMALL_SLAB_SIZE: number = 2048;

/** Provides slabs, and keeps a few that were returned. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  readonly #freeSmall: Uint8Array[] = [];
  readonly #keep: number;

  /** @param keep Maximum number of unused slabs per size. */
  constructor(keep = 8) {
    this.#keep = keep;
  }

  /** Returns a slab of {@link SLAB_SIZE} bytes with any content. */
  take(): Uint8Array {
    return this.#free.pop() ?? keep(new Uint8Array(SLAB_SIZE));
  }

  /** Returns a slab of {@link SMALL_SLAB_SIZE} bytes with any content. */
  takeSmall(): Uint8Array {
    return this.#freeSmall.pop() ?? keep(new Uint8Array(SMALL_SLAB_SIZE));
  }

  /** Returns a slab to the pool. Nothing may refer to its memory from then on. */
  give(slab: Uint8Array): void {
    // A link provided by the program may have transferred it.
    if (slab.length === 0) return;
    const free = slab.length === SLAB_SIZE ? this.#free : this.#freeSmall;
    if (free.length < this.#keep) free.push(slab);
  }
}

/** Gathers messages and encoded frames into the chunks of one write. */
export class BatchEncoder {
  /** The chunks; all of them once `complete` was called. */
  readonly chunks: Uint8Array[] = [];
  /** Number of bytes gathered so far. */
  bytes = 0;

  readonly #pool: SlabPool;
  readonly #slabs: Uint8Array[] = [];
  #slab: Uint8Array | undefined;
  #start = 0;
  #at = 0;
  /** The first slab of this batch may be a small one. */
  #small = false;
  readonly #framing: Framing;
  readonly #apart: boolean;

  constructor(pool: SlabPool, framing: Framing = STREAM_FRAMING) {
    this.#pool = pool;
    this.#framing = framing;
    this.#apart = framing.apart;
  }

  /** Starts a batch of about this many bytes. It may become larger. */
  expect(bytes: number): void {
    this.#small = bytes <= SMALL_SLAB_SIZE;
  }

  /** Adds all frames of a message. */
  addMessage(message: Message): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      const body = message[i]!;
      const length = body.length;
      const flags = i === last ? 0 : MORE;
      if (length <= COPY_LIMIT) {
        this.#room(MAX_HEADER_SIZE + length);
        const at = writeHeader(this.#slab!, this.#at, flags, length);
        // A buffer that was transferred after it was sent has no bytes left. Its frame stays empty, so that the framing
        // of the message stays valid.
        if (length > 0) this.#slab!.set(body, at);
        this.bytes += at + length - this.#at;
        this.#at = at + length;
      } else {
        this.#room(MAX_HEADER_SIZE);
        const at = writeHeader(this.#slab!, this.#at, flags, length);
        this.bytes += at + length - this.#at;
        this.#at = at;
        this.#cut();
        this.chunks.push(body);
      }
    }
  }

  /** Adds all frames of a message, encrypted. */
  addSealed(message: Message, cipher: FrameSealer): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) this.addSealedFrame(i === last ? 0 : MORE, message[i]!, cipher);
  }

  /** Adds a frame, encrypted. A frame that fits into a slab is encrypted there, because it has to be written anyway. */
  addSealedFrame(flags: number, body: Uint8Array, cipher: FrameSealer): void {
    const length = body.length + cipher.overhead;
    if (length > SLAB_SIZE - MAX_HEADER_SIZE) {
      const out = this.newFrame(length);
      cipher.seal(flags, body, out, out.length - length);
      return this.addEncoded(out);
    }
    this.#room(MAX_HEADER_SIZE + length);
    const at = this.#framing.writeHeader(this.#slab!, this.#at, 0, length);
    cipher.seal(flags, body, this.#slab!, at);
    this.bytes += at + length - this.#at;
    this.#at = at + length;
    if (this.#apart) this.#cut();
  }

  /** Returns memory for a frame, with its header; its body takes the last `length` bytes. For `addEncoded`. */
  newFrame(length: number, flags = 0): Uint8Array {
    const out = new Uint8Array(this.#framing.headerSize(length) + length);
    this.#framing.writeHeader(out, 0, flags, length);
    return out;
  }

  /** Adds a frame with these flags of its framing. Its body is always copied: header and body are in one chunk. */
  addFrame(flags: number, body: Uint8Array): void {
    const { length } = body;
    const size = this.#framing.headerSize(length) + length;
    if (size > COPY_LIMIT) {
      const out = this.newFrame(length, flags);
      out.set(body, size - length);
      return this.addEncoded(out);
    }
    this.#room(size);
    const at = this.#framing.writeHeader(this.#slab!, this.#at, flags, length);
    // A buffer that was transferred after it was sent cannot be copied from.
    if (length > 0) this.#slab!.set(body, at);
    this.#at = at + length;
    this.bytes += size;
    if (this.#apart) this.#cut();
  }

  /** Adds encoded frames. */
  addEncoded(bytes: Uint8Array): void {
    // A buffer that was transferred after it was sent has no bytes left, and copying from it throws.
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    if (bytes.length > COPY_LIMIT) {
      this.#cut();
      this.chunks.push(bytes);
      return;
    }
    this.#room(bytes.length);
    this.#slab!.set(bytes, this.#at);
    this.#at += bytes.length;
    if (this.#apart) this.#cut();
  }

  /** Completes the batch and returns its chunks. */
  complete(): readonly Uint8Array[] {
    this.#cut();
    return this.chunks;
  }

  /** Starts a new batch. Nothing may refer to the chunks of the last one from then on. */
  reset(): void {
    // Popping is cheaper than setting the length, and there is rarely more than one.
    while (this.chunks.length > 0) this.chunks.pop();
    for (let slab = this.#slabs.pop(); slab !== undefined; slab = this.#slabs.pop()) this.#pool.give(slab);
    this.#slab = undefined;
    this.#small = false;
    this.bytes = 0;
    this.#start = this.#at = 0;
  }

  #room(bytes: number): void {
    if (this.#slab !== undefined && this.#slab.length - this.#at >= bytes) return;
    this.#cut();
    this.#slab = this.#small && bytes <= SMALL_SLAB_SIZE ? this.#pool.takeSmall() : this.#pool.take();
    this.#small = false;
    this.#slabs.push(this.#slab);
    this.#start = this.#at = 0;
  }

  #cut(): void {
    if (this.#at === this.#start) return;
    this.chunks.push(this.#slab!.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}
