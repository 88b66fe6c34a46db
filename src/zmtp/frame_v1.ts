/**
 * ZMTP 1.0 frames (RFC 13): the length of flags and body in one byte, or in eight after an FF, then the flags, then the body.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { MORE, readLength, writeLength } from "./frame.ts";

/** In the first byte: the length is in the next eight. */
const LONG_LENGTH = 0xff;
/** Sizes of the two headers, in bytes. */
const SHORT_HEADER = 2;
export const LONG_HEADER = 10;

/** libzmq 2.x sets these reserved flags on every frame, and nobody sets only some of them. */
const LIBZMQ_2_FLAGS = 0x7e;

/** Size of the header that begins with this byte. */
export function headerSizeV1(first: number): number {
  return first === LONG_LENGTH ? LONG_HEADER : SHORT_HEADER;
}

/** Length of the body behind the header at `at`; -1 if there is no room even for the flags. */
export function bodyLengthV1(bytes: Uint8Array, at: number): number {
  const length = bytes[at] === LONG_LENGTH ? readLength(bytes, at + 1) : bytes[at]!;
  // Where numbers are not exact, one less could be a number that is.
  return length > Number.MAX_SAFE_INTEGER ? length : length - 1;
}

/** Whether a ZMTP 1.0 peer may send these flags: reserved bits are zero, or as libzmq 2.x has them. */
export function knownFlagsV1(flags: number): boolean {
  const reserved = flags & ~MORE;
  return reserved === 0 || reserved === LIBZMQ_2_FLAGS;
}

/** The header of a frame. */
function encodeHeaderV1(flags: number, bodyLength: number): Uint8Array {
  const length = bodyLength + 1;
  if (length < LONG_LENGTH) return Uint8Array.of(length, flags);
  const header = new Uint8Array(LONG_HEADER);
  header[0] = LONG_LENGTH;
  writeLength(header, 1, length);
  header[9] = flags;
  return header;
}

/** A whole frame in memory of its own. */
export function encodeFrameV1(flags: number, body: Uint8Array): Uint8Array {
  const header = encodeHeaderV1(flags, body.length);
  const out = new Uint8Array(header.length + body.length);
  out.set(header);
  out.set(body, header.length);
  return out;
}

/** Adds all frames of a message to what is written next. */
export function addMessageV1(message: Message, batch: BatchEncoder): void {
  const last = message.length - 1;
  for (let i = 0; i <= last; i++) {
    const body = message[i]!;
    batch.addEncoded(encodeHeaderV1(i === last ? 0 : MORE, body.length));
    // A buffer that was transferred after it was sent has no bytes left, and must not break the message that it is in.
    if (body.length > 0) batch.addEncoded(body);
  }
}
