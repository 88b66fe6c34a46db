/**
 * A frame that is a view keeps its whole chunk alive. Without copies, a peer that sends one byte of a message per 64
 * KiB of unknown commands could exceed every memory limit.
 *
 * @module
 */

/** Frames that are a smaller part of their chunk than this are copied. */
const SMALLEST_PART = 1 / 4;

/** Copies frames of these messages out of chunks of which they are only a small part. */
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
