/**
 * The ZMTP 3.x frame header (RFC 37 §2.3): one byte of flags, then the length of the body in one or eight bytes.
 *
 * @module
 */

import type { TrafficCipher } from "./mechanism.ts";

/** Flag: another frame of the same message follows. */
export const MORE = 0x01;
/** Flag: the length has eight bytes. */
export const LONG = 0x02;
/** Flag: the frame is a command, not part of a message. */
export const COMMAND = 0x04;

/** Size of the longest header, in bytes. */
export const MAX_HEADER_SIZE = 9;

/** Maximum size of a body whose length has one byte. */
export const MAX_SHORT = 255;

/** Writes a header at `at` and returns the position of the body. */
export function writeHeader(out: Uint8Array, at: number, flags: number, length: number): number {
  if (length <= MAX_SHORT) {
    out[at] = flags;
    out[at + 1] = length;
    return at + 2;
  }
  out[at] = flags | LONG;
  writeLength(out, at + 1, length);
  return at + MAX_HEADER_SIZE;
}

/** The form in which frames cross a link. */
export interface Framing {
  /** True if the link keeps frames apart: each is a chunk of its own. */
  readonly apart: boolean;
  /** Returns the size of the header of a body. */
  headerSize(length: number): number;
  /** Writes a header at `at` and returns the position of the body. */
  writeHeader(out: Uint8Array, at: number, flags: number, length: number): number;
}

/** Frames in a byte stream. */
export const STREAM_FRAMING: Framing = {
  apart: false,
  headerSize: (length) => length <= MAX_SHORT ? 2 : MAX_HEADER_SIZE,
  writeHeader,
};

/** Writes a length as eight bytes, big-endian. */
export function writeLength(out: Uint8Array, at: number, length: number): void {
  // Lengths stay below 2^53, so the two halves are exact.
  const high = Math.floor(length / 0x1_0000_0000);
  out[at] = high >>> 24;
  out[at + 1] = high >>> 16;
  out[at + 2] = high >>> 8;
  out[at + 3] = high;
  out[at + 4] = length >>> 24;
  out[at + 5] = length >>> 16;
  out[at + 6] = length >>> 8;
  out[at + 7] = length;
}

/** Reads a length of eight bytes, big-endian. From 2^53 on the number is not exact, but above every limit. */
export function readLength(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
  const low = (bytes[at + 4]! << 24 | bytes[at + 5]! << 16 | bytes[at + 6]! << 8 | bytes[at + 7]!) >>> 0;
  return high * 0x1_0000_0000 + low;
}

/** Encodes a frame into its own memory: for commands and tests, not for traffic. */
export function encodeFrame(flags: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array((body.length <= MAX_SHORT ? 2 : MAX_HEADER_SIZE) + body.length);
  out.set(body, writeHeader(out, 0, flags, body.length));
  return out;
}

/** Encrypts an encoded frame, and returns the encrypted frame in its own memory. */
export function sealFrame(frame: Uint8Array, cipher: TrafficCipher): Uint8Array {
  const payload = frame.subarray((frame[0]! & LONG) === 0 ? 2 : MAX_HEADER_SIZE);
  const length = payload.length + cipher.overhead;
  const out = new Uint8Array((length <= MAX_SHORT ? 2 : MAX_HEADER_SIZE) + length);
  cipher.seal(frame[0]! & ~LONG, payload, out, writeHeader(out, 0, 0, length));
  return out;
}
