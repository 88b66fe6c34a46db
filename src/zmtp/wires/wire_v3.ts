/**
 * ZMTP 3 without encryption (RFC 23, RFC 37): NULL and PLAIN, and the handshake of every mechanism. Versions 3.0 and 3.1
 * differ in subscriptions only: messages in 3.0, commands in 3.1.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import { encodeSubscription } from "../subscription.ts";
import type { Wire } from "./wire.ts";

/** The wire to a peer of ZMTP 3. */
export class WireV3 implements Wire {
  readonly version: "3.0" | "3.1";
  readonly minor: 0 | 1;
  readonly plain = true;
  readonly frames: FrameDecoder;

  /**
   * @param maxFrameSize The limit of handshake commands, until the session sets that of messages.
   * @param copies Copies received frames out of the chunk that contains them.
   */
  constructor(minor: 0 | 1, maxFrameSize: number, copies: boolean) {
    this.version = minor === 0 ? "3.0" : "3.1";
    this.minor = minor;
    this.frames = new FrameDecoder(maxFrameSize);
    this.frames.copies = copies;
  }

  encode(message: Message, batch: BatchEncoder): void {
    batch.addMessage(message);
  }

  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void {
    batch.addEncoded(encodeSubscription(cancel, topic, this.minor));
  }

  command(frame: Uint8Array): Uint8Array {
    return frame;
  }
}
