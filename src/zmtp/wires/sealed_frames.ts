/**
 * Decrypts frames. Each is decrypted in the memory in which it arrived; large ones in slices, between
 * which other connections have their turn.
 *
 * @module
 */

import { NO_BYTES } from "../../base/bytes.ts";
import { COMMAND } from "../frame.ts";
import { type FrameSource, requireSize } from "../frame_source.ts";
import type { TrafficCipher } from "../mechanism.ts";
import type { ReadCredit } from "../session_handler.ts";
import { MOST_AT_ONCE, SLICE_COST, type Slices } from "../slices.ts";

/** The cost of decrypting a frame, in credit, besides one per 32 bytes. */
const SEALED_COST = 16;

/** Decrypts the frames of another source. */
export class SealedFrames implements FrameSource {
  maxFrameSize = 0;
  maxCommandSize = 0;
  flags = 0;
  body: Uint8Array = NO_BYTES;
  busy = false;
  readonly #outer: FrameSource;
  readonly #cipher: TrafficCipher;
  readonly #credit: ReadCredit;
  /** The frame that is being decrypted in slices, and the work on it. */
  #sealed: Uint8Array = NO_BYTES;
  #slices: Slices | undefined;

  constructor(outer: FrameSource, cipher: TrafficCipher, credit: ReadCredit) {
    this.#outer = outer;
    this.#cipher = cipher;
    this.#credit = credit;
  }

  push(chunk: Uint8Array): void {
    this.#outer.push(chunk);
  }

  next(): boolean {
    if (this.#slices !== undefined) return this.#decryptOn(this.#slices);
    const outer = this.#outer;
    // A command is recognized only when it is decrypted.
    outer.maxFrameSize = outer.maxCommandSize = Math.max(this.maxFrameSize, this.maxCommandSize) +
      this.#cipher.overhead;
    if (!outer.next()) {
      this.body = NO_BYTES;
      return false;
    }
    // The outer flags have no meaning: an active attacker can change them, and some implementations repeat there the flags
    // that are encrypted.
    const { body } = outer;
    this.#credit.left -= SEALED_COST;
    if (body.length > MOST_AT_ONCE) {
      this.#sealed = body;
      this.busy = true;
      return this.#decryptOn(this.#slices = this.#cipher.openInSlices(body));
    }
    this.#credit.left -= body.length >> 5;
    this.#decrypted(this.#cipher.open(body));
    return true;
  }

  drop(): void {
    this.#sealed = this.body = NO_BYTES;
    this.#slices = undefined;
    this.busy = false;
    this.#outer.drop();
  }

  #decryptOn(slices: Slices): boolean {
    if (!slices.next()) {
      this.#credit.left -= SLICE_COST;
      return false;
    }
    const payload = this.#sealed.subarray(this.#cipher.overhead);
    this.#sealed = NO_BYTES;
    this.#slices = undefined;
    this.busy = false;
    this.#decrypted(payload);
    return true;
  }

  #decrypted(payload: Uint8Array): void {
    const { flags } = this.#cipher;
    requireSize(this, payload.length, (flags & COMMAND) !== 0);
    this.flags = flags;
    this.body = payload;
  }
}
