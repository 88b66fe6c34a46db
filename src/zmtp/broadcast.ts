/**
 * A message that is sent to many connections: encoded once, directly after the previous one, so that consecutive
 * messages to one peer are written without another copy.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { handedOver, type Message } from "../base/message.ts";
import { keep, keepFrames } from "../base/untransferable.ts";
import { MAX_HEADER_SIZE, MORE, writeHeader } from "./frame.ts";

/** Size of a slab, in bytes: that of a large write. */
const BROADCAST_SLAB_SIZE = 64 * 1024;
/**
 * Size up to which messages are copied, in bytes. Larger messages are not copied at all, so there is nothing to share.
 */
const MAX_SHARED = 16 * 1024;
/** The message that a socket is sending to several peers. One per socket. */
export class Broadcast {
  /** The message. */
  message: Message = [];
  /** Number of the message. */
  sequence = 0;
  /** The position of the encoded frames. No part of a slab is written twice, so references to it stay valid. */
  slab: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** Size of the bodies, in bytes. */
  bytes = 0;
  /** Number of the encoded message. */
  #encoded = 0;
  /** The message for receivers in this process, once one has it. */
  #handedOver: Message | undefined;

  /** Starts the next message. */
  begin(message: Message): void {
    this.message = message;
    this.#handedOver = undefined;
    this.sequence++;
  }

  /** Releases the message after it was sent. */
  release(): void {
    this.message = [];
    this.#handedOver = undefined;
  }

  /** Returns the message as one of several receivers in this process gets it: they share its memory, which none may transfer. */
  handedOver(): Message {
    if (this.#handedOver === undefined) keepFrames(this.#handedOver = handedOver(this.message));
    return this.#handedOver.slice();
  }

  /** Encodes the message for ZMTP 3 peers on the first call; returns `false` if it is too large to be shared. */
  encode(): boolean {
    if (this.#encoded === this.sequence) return this.end > this.start;
    this.#encoded = this.sequence;
    const { message } = this;
    let bytes = 0;
    for (let i = 0; i < message.length; i++) bytes += message[i]!.length;
    this.bytes = bytes;
    this.start = this.end;
    const room = bytes + message.length * MAX_HEADER_SIZE;
    if (room > MAX_SHARED) return false;
    if (room > this.slab.length - this.end) {
      this.slab = keep(new Uint8Array(BROADCAST_SLAB_SIZE));
      this.start = this.end = 0;
    }
    this.end = this.#write(message, this.start);
    return true;
  }

  #write(message: Message, start: number): number {
    const { slab } = this;
    const last = message.length - 1;
    let at = start;
    for (let i = 0; i <= last; i++) {
      const body = message[i]!;
      at = writeHeader(slab, at, i === last ? 0 : MORE, body.length);
      // A buffer that was transferred has no bytes left, and copying from it throws.
      if (body.length > 0) slab.set(body, at);
      at += body.length;
    }
    return at;
  }
}
