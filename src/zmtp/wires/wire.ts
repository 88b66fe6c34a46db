/**
 * A wire: the form in which traffic with one peer crosses its link. There is one class per form of ZMTP, and a session
 * has exactly one wire at a time, so that the session itself does not know versions or encryption.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../batch_encoder.ts";
import type { Framing } from "../frame.ts";
import type { FrameSource } from "../frame_source.ts";
import type { PeerInfo } from "../peer_info.ts";
import type { SlicedMessage } from "../sliced_message.ts";

/** Decodes the frames of one peer and encodes messages, subscriptions and commands for it. */
export interface Wire {
  /** The version of ZMTP, as statistics show it. */
  readonly version: PeerInfo["version"];
  /** The minor version of ZMTP 3; 0 for older versions. */
  readonly minor: 0 | 1;
  /** Decodes incoming bytes to frames in the clear, and holds the limits of the next frame. */
  readonly frames: FrameSource;
  /** True if the peer reads messages as `Broadcast` encodes them. */
  readonly plain: boolean;
  /** The form of frames in batches and commands. Default: frames in a byte stream. */
  readonly framing?: Framing | undefined;
  /** Encodes a message into a batch. */
  encode(message: Message, batch: BatchEncoder): void;
  /** Encodes a message that takes long into an empty batch, in slices; returns `undefined` if `encode` is quick, as it is without encryption. */
  slices?(message: Message, batch: BatchEncoder): SlicedMessage | undefined;
  /** Encodes a subscription or its cancellation into a batch. */
  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void;
  /**
   * Encodes a command in memory of its own. A wire without commands, to which this returns `undefined`, has no handshake, no
   * heartbeat and no ERROR.
   *
   * @param frame The command as a frame of ZMTP 3 (`encodeCommand`).
   */
  command?(frame: Uint8Array): Uint8Array | undefined;
}
