/**
 * ZMTP 1.0 frames (RFC 13): the length of flags and body in one byte, or in eight bytes after 0xFF; then the flags,
 * then the body.
 *
 * @module
 */

import type { Message } from "../base/message.ts";
import type { BatchEncoder } from "./batch_encoder.ts";
import { MORE, readLength, writeLength } from "./frame.ts";

/** First byte of a header whose length is in the next eight bytes. */
const LONG_LENGTH = 0xff;
/** Sizes of the two headers, in bytes. */
const SHORT_HEADER = 2;
export const LONG_HEADER = 10;

/** libzmq 2.x sets all of these reserved flags on every frame. No known implementation sets only some of them. */
const LIBZMQ_2_FLAGS = 0x7e;

/** Returns the size of the header that begins with this byte. */
export function headerSizeV1(first: number): number {
  return first === LONG_LENGTH ? LONG_HEADER : SHORT_HEADER;
}

/** Returns the length of the body after the header at `at`; -1 if the length does not even include the flags. */
export function bodyLengthV1(bytes: Uint8Array, at: number): number {
  const length = bytes[at] === LONG_LENGTH ? readLength(bytes, at + 1) : bytes[at]!;
  // Above 2^53 numbers are not exact, and subtracting 1 could result in a number within the limits.
  return length > Number.MAX_SAFE_INTEGER ? length : length - 1;
}

/** Checks if a ZMTP 1.0 peer may send these flags: the reserved bits are zero, or those of libzmq 2.x. */
export function knownFlagsV1(flags: number): boolean {
  const reserved = flags & ~MORE;
  return reserved === 0 || reserved === LIBZMQ_2_FLAGS;
}

/** Encodes the header of a frame. */
function encodeHeaderV1(flags: number, bodyLength: number): Uint8Array {
  const length = bodyLength + 1;
  if (length < LONG_LENGTH) return Uint8Array.of(length, flags);
  const header = new Uint8Array(LONG_HEADER);
  header[0] = LONG_LENGTH;
  writeLength(header, 1, length);
  header[9] = flags;
  return header;
}

/** Encodes a frame into its own memory. */
export function encodeFrameV1(flags: number, body: Uint8Array): Uint8Array {
  const header = encodeHeaderV1(flags, body.length);
  const out = new Uint8Array(header.length + body.length);
  out.set(header);
  out.set(body, header.length);
  return out;
}

/** Adds all frames of a message to the next write. */
export function addMessageV1(message: Message, batch: BatchEncoder): void {
  const last = message.length - 1;
  for (let i = 0; i <= last; i++) {
    const body = message[i]!;
    batch.addEncoded(encodeHeaderV1(i === last ? 0 : MORE, body.length));
    // A buffer that was transferred after it was sent has no bytes left. Its frame stays empty, so that the framing of
    // the message stays valid.
    if (body.length > 0) batch.addEncoded(body);
  }
}
