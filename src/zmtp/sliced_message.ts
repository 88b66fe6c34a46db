/**
 * Encrypts a message in slices, frame by frame, if its size or its number of frames would take long.
 *
 * @module
 */

import { type Message, messageBytes } from "../base/message.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { MORE } from "./frame.ts";
import type { FrameSealer, TrafficCipher } from "./mechanism.ts";
import { MOST_AT_ONCE, SLICE_SIZE, type Slices } from "./slices.ts";

/** A frame takes as long as this number of its bytes. */
const FRAME_TIME = 256;

/** Checks if a message must be encrypted in slices. */
export function takesSlices(message: Message): boolean {
  return messageBytes(message) + message.length * FRAME_TIME > MOST_AT_ONCE;
}

/** Encrypts a message into a batch of its own. If it is abandoned, the batch must be reset. */
export class SlicedMessage implements Slices {
  readonly message: Message;
  readonly #cipher: TrafficCipher;
  readonly #batch: BatchEncoder;
  #sealer: FrameSealer | undefined;
  /** The frame that is next, or that is being encrypted. */
  #index = 0;
  #frame: Slices | undefined;
  #out: Uint8Array | undefined;

  /** Does no work before the first call of `next`. */
  constructor(message: Message, cipher: TrafficCipher, batch: BatchEncoder) {
    this.message = message;
    this.#cipher = cipher;
    this.#batch = batch;
  }

  next(): boolean {
    // Commands may be encrypted between two slices, and are written after the message.
    this.#sealer ??= this.#cipher.reserve(this.message.length);
    if (this.#frame === undefined) this.#begin(this.#sealer);
    else if (this.#frame.next()) {
      this.#batch.addEncoded(this.#out!);
      this.#frame = this.#out = undefined;
      this.#index++;
    }
    return this.#index === this.message.length;
  }

  /** Encrypts small frames, and starts with the first large one. */
  #begin(sealer: FrameSealer): void {
    const last = this.message.length - 1;
    for (let left = SLICE_SIZE; left > 0 && this.#index <= last; this.#index++) {
      const body = this.message[this.#index]!;
      const flags = this.#index === last ? 0 : MORE;
      left -= body.length + FRAME_TIME;
      if (body.length <= SLICE_SIZE) {
        this.#batch.addSealedFrame(flags, body, sealer);
        continue;
      }
      const length = body.length + sealer.overhead;
      const out = this.#out = this.#batch.newFrame(length);
      this.#frame = sealer.sealInSlices(flags, body, out, out.length - length);
      return;
    }
  }
}
