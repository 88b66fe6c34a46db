/**
 * What runs on a link: ZMTP, or nothing at all. The connection feeds it and writes what it encodes.
 *
 * @module
 */

import type { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../../zmtp/batch_encoder.ts";
import type { Output } from "../../zmtp/heartbeat.ts";
import type { SlicedMessage } from "../../zmtp/sliced_message.ts";

/** A protocol for one link. `Session` of `src/zmtp` says what each method promises. */
export interface Protocol {
  /** Begins; `now` is the time in ms. */
  start(now: number): void;
  /** When `onTime` is to be called; `Infinity` if never. */
  readonly nextDeadline: number;
  /** Tells the time, and what became of the bytes to send since it was told last. Default: all are written. */
  onTime(now: number, output?: Output): void;
  /** Whether the peer has proved who it is, though the handshake is not complete. */
  readonly proven: boolean;
  /** Whether messages flow. */
  readonly ready: boolean;
  /** Takes a chunk; `false` if it stopped before the end of it. */
  feed(chunk: Uint8Array): boolean;
  /** Goes on after a stop; `false` if it stopped again. */
  resume(): boolean;
  /** Stops until `resume`. */
  stop(): void;
  /** Takes no more bytes. */
  end(): void;
  /** Whether the peer reads messages as `Broadcast` encodes them. */
  readonly plain: boolean;
  /** Adds a message to what is written next. */
  encode(message: Message, batch: BatchEncoder): void;
  /** Encodes a message that takes long into an empty batch, in slices; `undefined` if `encode` is quick. */
  slices?(message: Message, batch: BatchEncoder): SlicedMessage | undefined;
  /** Adds a subscription or a cancel to what is written next. */
  encodeSubscription(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void;
  /** What it means that the peer ends the connection now, if it means anything. */
  leftBy?(cause?: Error): ZmqError | undefined;
  /** What tells the peer why it is refused, if there are words for it. */
  refusal?(reason: Error): Uint8Array | undefined;
}
