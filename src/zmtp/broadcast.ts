/**
 * A message on its way to many connections: encoded once, and side by side with those before it, so that what follows each
 * other to one peer can be written without another copy.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import type { Message } from "../base/message.ts";
import { keep } from "../base/untransferable.ts";
import { MAX_HEADER_SIZE, MORE, writeHeader } from "./frame.ts";

/** Size of a slab, in bytes: a big write. */
const SLAB_SIZE = 64 * 1024;
/** Larger messages are not copied at all, so there is nothing to share. */
const MAX_SHARED = 16 * 1024;
/** The message that a socket sends to several peers now. One for each socket. */
export class Broadcast {
  /** The message itself. */
  message: Message = [];
  /** Counts messages. */
  sequence = 0;
  /** Where `encode` put the frames. A slab is never written twice: who refers to it may do so for any time. */
  slab: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** Bytes of the bodies. */
  bytes = 0;
  /** The sequence of the message that is encoded. */
  #encoded = 0;

  /** The next message. */
  begin(message: Message): void {
    this.message = message;
    this.sequence++;
  }

  /** It is sent: its bytes are not kept for the next one's sake. */
  finish(): void {
    this.message = [];
  }

  /** Encodes the message for peers of ZMTP 3, the first time it is asked; `false` if it is too large to be shared. */
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
      this.slab = keep(new Uint8Array(SLAB_SIZE));
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
      // A buffer that was transferred has no bytes left, and cannot be copied from.
      if (body.length > 0) slab.set(body, at);
      at += body.length;
    }
    return at;
  }
}
