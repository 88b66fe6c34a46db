/**
 * Helpers of the tests of both frame decoders.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../src/base/errors.ts";
import type { FrameDecoder } from "../../src/zmtp/frame_decoder.ts";
import type { FrameDecoderV1 } from "../../src/zmtp/frame_decoder_v1.ts";
import { toHex } from "../support/hex.ts";

/** Every frame as `flags:body`. */
export function decode(decoder: FrameDecoder | FrameDecoderV1, ...chunks: Uint8Array[]): string[] {
  const frames: string[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (decoder.next()) frames.push(`${decoder.flags}:${toHex(decoder.body)}`);
  }
  return frames;
}

/** One chunk a byte. */
export const each = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

/** Returns the error of a rejected header, the same for one that arrives byte by byte. */
export function refusal(decoder: () => FrameDecoder | FrameDecoderV1, header: Uint8Array): ZmqError {
  const whole = assertThrows(() => decode(decoder(), header), ZmqError);
  const slow = assertThrows(() => decode(decoder(), ...each(header)), ZmqError);
  assertEquals([slow.code, slow.message], [whole.code, whole.message]);
  return whole;
}
