/**
 * Messages to chunks for one write. Small frames are copied side by side into slabs, large bodies are passed on by
 * reference: writing once is what makes small messages fast (docs/performance.md).
 *
 * @module
 */

import type { Message } from "../message.ts";
import { MAX_HEADER_SIZE, MORE, writeHeader } from "./frame.ts";
import type { TrafficCipher } from "./mechanism.ts";

/** Bodies above this many bytes are referred to, not copied. */
export const COPY_LIMIT: number = 16 * 1024;

/** Size of a slab, in bytes: the messages of one write, the last of which may begin just below 60 KiB. */
export const SLAB_SIZE: number = 80 * 1024;

/** Lends slabs, and keeps a few that came back. */
export class SlabPool {
  readonly #free: Uint8Array[] = [];
  readonly #keep: number;

  /** A pool that keeps at most `keep` slabs that nobody uses. */
  constructor(keep = 8) {
    this.#keep = keep;
  }

  /** A slab of {@link SLAB_SIZE} bytes with any content. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(SLAB_SIZE);
  }

  /** Gives a slab back; nobody may refer to its memory any more. */
  give(slab: Uint8Array): void {
    if (this.#free.length < this.#keep) this.#free.push(slab);
  }
}

/** Gathers messages and ready-made frames into the chunks of one write. */
export class BatchEncoder {
  /** The chunks gathered by `finish`. */
  readonly chunks: Uint8Array[] = [];
  /** Bytes gathered so far. */
  bytes = 0;

  readonly #pool: SlabPool;
  readonly #slabs: Uint8Array[] = [];
  #slab: Uint8Array | undefined;
  #start = 0;
  #at = 0;

  constructor(pool: SlabPool) {
    this.#pool = pool;
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
        // A buffer that was transferred after it was sent has no bytes left, and must not break the message that it is in.
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

  /** Adds all frames of a message, sealed. What fits into a slab is sealed there, as it has to be written anyway. */
  addSealed(message: Message, cipher: TrafficCipher): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      const body = message[i]!;
      const length = body.length + cipher.overhead;
      const fits = length <= SLAB_SIZE - MAX_HEADER_SIZE;
      if (fits) this.#room(MAX_HEADER_SIZE + length);
      const out = fits ? this.#slab! : new Uint8Array(MAX_HEADER_SIZE + length);
      const start = fits ? this.#at : 0;
      const at = writeHeader(out, start, 0, length);
      cipher.seal(i === last ? 0 : MORE, body, out, at);
      this.bytes += at + length - start;
      if (fits) this.#at = at + length;
      else {
        this.#cut();
        this.chunks.push(out);
      }
    }
  }

  /** Adds bytes that are frames already. */
  addEncoded(bytes: Uint8Array): void {
    // A buffer that was transferred after it was sent has no bytes left, and cannot be copied from.
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
  }

  /** Ends the batch: `chunks` is complete. */
  finish(): readonly Uint8Array[] {
    this.#cut();
    return this.chunks;
  }

  /** Starts a new batch. Nobody may refer to the chunks of the last one any more. */
  reset(): void {
    // Popping is cheaper than setting a length, and there is rarely more than one.
    while (this.chunks.length > 0) this.chunks.pop();
    for (let slab = this.#slabs.pop(); slab !== undefined; slab = this.#slabs.pop()) this.#pool.give(slab);
    this.#slab = undefined;
    this.bytes = 0;
    this.#start = this.#at = 0;
  }

  #room(bytes: number): void {
    if (this.#slab !== undefined && SLAB_SIZE - this.#at >= bytes) return;
    this.#cut();
    this.#slab = this.#pool.take();
    this.#slabs.push(this.#slab);
    this.#start = this.#at = 0;
  }

  #cut(): void {
    if (this.#at === this.#start) return;
    this.chunks.push(this.#slab!.subarray(this.#start, this.#at));
    this.#start = this.#at;
  }
}
