/**
 * A message that takes long to seal, for its bytes or for its frames: it is sealed in slices, frame after frame.
 *
 * @module
 */

import { type Message, messageBytes } from "../base/message.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { MORE } from "./frame.ts";
import type { FrameSealer, TrafficCipher } from "./mechanism.ts";
import { MOST_AT_ONCE, SLICE_SIZE, type Slices } from "./slices.ts";

/** A frame takes as long as so many bytes of it. */
const FRAME_TIME = 256;

/** Whether a message is to be sealed in slices. */
export function takesSlices(message: Message): boolean {
  return messageBytes(message) + message.length * FRAME_TIME > MOST_AT_ONCE;
}

/** A message that goes into a batch of its own, sealed. Whoever gives it up resets the batch. */
export class SlicedMessage implements Slices {
  readonly message: Message;
  readonly #cipher: TrafficCipher;
  readonly #batch: BatchEncoder;
  #sealer: FrameSealer | undefined;
  /** The frame that is next, or that is being sealed. */
  #index = 0;
  #frame: Slices | undefined;
  #out: Uint8Array | undefined;

  /** Nothing is done before `next` is called. */
  constructor(message: Message, cipher: TrafficCipher, batch: BatchEncoder) {
    this.message = message;
    this.#cipher = cipher;
    this.#batch = batch;
  }

  next(): boolean {
    // Commands may be sealed between two slices, and are written behind the message.
    this.#sealer ??= this.#cipher.reserve(this.message.length);
    if (this.#frame === undefined) this.#begin(this.#sealer);
    else if (this.#frame.next()) {
      this.#batch.addEncoded(this.#out!);
      this.#frame = this.#out = undefined;
      this.#index++;
    }
    return this.#index === this.message.length;
  }

  /** Seals frames that are small, and starts with one that is not. */
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
