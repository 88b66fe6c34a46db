/**
 * ZMTP 2.0 (RFC 15): the frames of ZMTP 3 without its commands, subscriptions as messages.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import { subscriptionFrame } from "../subscription.ts";
import type { Wire } from "./wire.ts";

/** The wire to a peer of ZMTP 2.0. */
export class WireV2 implements Wire {
  readonly version = "2.0";
  readonly minor = 0;
  readonly plain = true;
  readonly frames: FrameDecoder;

  /** @param copies Copies received frames out of the chunk that contains them. */
  constructor(maxFrameSize: number, copies: boolean) {
    this.frames = new FrameDecoder(maxFrameSize, 0, false);
    this.frames.copies = copies;
  }

  encode(message: Message, batch: BatchEncoder): void {
    batch.addMessage(message);
  }

  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    batch.addMessage([subscriptionFrame(cancel, topic)]);
  }
}
