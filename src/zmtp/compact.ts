/**
 * Frames keep the whole chunk alive that they are views of: a peer that sends a byte to keep among 64 KiB to drop (unknown
 * commands) would fill the memory past every limit in bytes.
 *
 * @module
 */

/** Frames that take a smaller part than this of their memory are copied. */
const SMALLEST_PART = 1 / 4;

/** Copies the frames of these messages out of chunks that they are a small part of. */
export function compact(messages: readonly Uint8Array[][], from = 0): void {
  const kept = new Map<ArrayBufferLike, number>();
  for (const frames of messages) {
    for (let i = from; i < frames.length; i++) {
      const { buffer, length } = frames[i]!;
      if (length === 0) continue;
      kept.set(buffer, (kept.get(buffer) ?? 0) + length);
    }
  }
  for (const frames of messages) {
    for (let i = from; i < frames.length; i++) {
      const frame = frames[i]!;
      // Empty frames are shared.
      if (frame.length > 0 && kept.get(frame.buffer)! < frame.buffer.byteLength * SMALLEST_PART) {
        frames[i] = frame.slice();
      }
    }
  }
}
