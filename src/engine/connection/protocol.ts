/**
 * The protocol on a link: ZMTP, or none at all. The connection feeds it and writes what it encodes.
 *
 * @module
 */

import type { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { BatchEncoder } from "../../zmtp/batch_encoder.ts";
import type { Framing } from "../../zmtp/frame.ts";
import type { Output } from "../../zmtp/heartbeat.ts";
import type { SlicedMessage } from "../../zmtp/sliced_message.ts";

/** A protocol for one link. `Session` of `src/zmtp` documents what each method guarantees. */
export interface Protocol {
  /** Starts; `now` is the time in ms. */
  start(now: number): void;
  /** When to call `onTime`; `Infinity` if never. */
  readonly nextDeadline: number;
  /** A deadline has passed. `output` is the progress of the bytes to send since the last call; default: all are written. */
  onTime?(now: number, output?: Output): void;
  /** True if the peer has proved its identity, though the handshake is not complete. Default: no. */
  readonly proven?: boolean;
  /** True if messages flow. */
  readonly ready: boolean;
  /** Takes a chunk; `false` if it stopped before the end of it. */
  feed(chunk: Uint8Array): boolean;
  /** Continues after a stop; `false` if it stopped again. */
  resume(): boolean;
  /** Stops until `resume`. */
  stop(): void;
  /** Takes no more bytes. */
  end(): void;
  /** True if the peer reads messages as `Broadcast` encodes them. Default: no. */
  readonly plain?: boolean;
  /** The form of frames on the link. Default: frames in a byte stream. */
  readonly framing?: Framing | undefined;
  /** Adds a message to the next write. */
  encode(message: Message, batch: BatchEncoder): void;
  /** Encodes a message that takes long into an empty batch, in slices; `undefined` if `encode` is quick. */
  slices?(message: Message, batch: BatchEncoder): SlicedMessage | undefined;
  /** Adds a subscription or an unsubscription to the next write. Default: the peer gets none. */
  encodeSubscription?(cancel: boolean, topic: Uint8Array, batch: BatchEncoder): void;
  /** The error to report if the peer ends the connection now, if there is one. */
  leftBy?(cause?: Error): ZmqError | undefined;
  /** The command that sends the reason to a refused peer, if there is one. */
  refusal?(reason: Error): Uint8Array | undefined;
}
