/**
 * Decoding in chunks, and the comparison of results, for the targets of the frame decoders.
 *
 * @module
 */

import { ZmqError } from "../../../src/base/errors.ts";
import type { FrameSource } from "../../../src/zmtp/frame_source.ts";
import { chunkings } from "../chunking.ts";
import { withinMemory } from "../memory.ts";
import { rejection, require, same } from "../target.ts";

/** A frame, with the flags that a decoder reports. */
export interface Frame {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** The frames of a stream, and the error with which it ends, if any. */
export interface Decoded {
  readonly frames: readonly Frame[];
  readonly rejected: string | undefined;
}

const SMALL_LIMITS = [0, 1, 7, 8, 64, 255, 256, 300];
const LARGE_LIMITS = [65_536, 2 ** 31, 2 ** 48, 2 ** 53 - 1];

/** Returns the limit for which a byte stands. Most are small, because an announced body of a megabyte costs as much. */
export function limitOf(byte: number): number {
  return byte >= 0xf0 ? LARGE_LIMITS[byte % 4]! : SMALL_LIMITS[byte % 8]!;
}

/** Memory that one announced body may cost before it arrives, and the room of small objects. */
const EAGER = 1024 * 1024 + 4096;

/** Decodes chunks. */
export function decodeAll(source: FrameSource, chunks: readonly Uint8Array[]): Decoded {
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      source.push(chunk);
      while (source.next()) frames.push({ flags: source.flags, body: source.body });
    }
  } catch (error) {
    return { frames, rejected: rejection(error, [ZmqError]) };
  }
  return { frames, rejected: undefined };
}

/** Checks that two results are equal. */
export function requireSame(a: Decoded, b: Decoded, invariant: string): void {
  const equal = a.rejected === b.rejected && a.frames.length === b.frames.length &&
    a.frames.every(({ flags, body }, i) => flags === b.frames[i]!.flags && same(body, b.frames[i]!.body));
  require(equal, invariant, a, b);
}

/** Decodes a stream whole and in chunks, compares the results with each other and with a model, and returns them. */
export function decodeStream(
  input: Uint8Array,
  stream: Uint8Array,
  make: () => FrameSource,
  model: (stream: Uint8Array) => { readonly frames: readonly Frame[]; readonly rejected: boolean },
): Decoded {
  const most = EAGER + 4 * stream.length;
  const whole = withinMemory(input, most, () => decodeAll(make(), [stream]));
  for (const chunks of chunkings(stream)) {
    const inChunks = withinMemory(input, most, () => decodeAll(make(), chunks));
    requireSame(inChunks, whole, "chunks do not change the result");
  }
  const expected = model(stream);
  require(expected.rejected === (whole.rejected !== undefined), "the model rejects the same", whole, expected);
  requireSame({ ...expected, rejected: whole.rejected }, whole, "the model finds the same frames");
  return whole;
}
