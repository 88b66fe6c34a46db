/**
 * ZMTP 1.0 (RFC 13): frames with their flags behind the length, subscriptions as messages, no commands.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import { FrameDecoderV1 } from "../frame_decoder_v1.ts";
import { addMessageV1 } from "../frame_v1.ts";
import { subscriptionFrame } from "../subscription.ts";
import type { Wire } from "./wire.ts";

/** The wire to a peer of ZMTP 1.0. */
export class WireV1 implements Wire {
  readonly version = "1.0";
  readonly minor = 0;
  readonly plain = false;
  readonly frames: FrameDecoderV1;

  /** @param copies Copies received frames out of the chunk that contains them. */
  constructor(maxFrameSize: number, copies: boolean) {
    this.frames = new FrameDecoderV1(maxFrameSize);
    this.frames.copies = copies;
  }

  encode(message: Message, batch: BatchEncoder): void {
    addMessageV1(message, batch);
  }

  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    addMessageV1([subscriptionFrame(cancel, topic)], batch);
  }
}
