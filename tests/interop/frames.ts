/**
 * Frames to send, and to compare with what arrives.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text as a frame. */
export function text(value: string): Uint8Array {
  return encoder.encode(value);
}

/** The frames of a message as texts. */
export function texts(message: readonly Uint8Array[]): string[] {
  return message.map((frame) => decoder.decode(frame));
}

/**
 * Returns `length` bytes, each different from its neighbors; the length of a buffer is not a multiple of their period.
 */
export function bytes(length: number): Uint8Array {
  const filled = new Uint8Array(length);
  for (let i = 0; i < length; i++) filled[i] = (i * 7 + (i >>> 8)) % 251;
  return filled;
}
