/**
 * The codec alone: encodes frames into batches of 64 KiB, and decodes them.
 *
 * @module
 */

import { BatchEncoder, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { FrameDecoder } from "../../src/zmtp/frame_decoder.ts";
import { bench } from "./harness.ts";

const CHUNK = 64 * 1024;
const SIZES = { "16 B": 16, "64 B": 64, "1 KiB": 1024, "16 KiB": 16 * 1024, "64 KiB": CHUNK } as const;

function countFor(size: number): number {
  return Math.max(1, Math.floor(CHUNK / (size + 9)));
}

function encode(name: string, size: number): void {
  const batch = new BatchEncoder(new SlabPool());
  const message = [new Uint8Array(size)];
  const count = countFor(size);
  bench({
    group: "encode a message",
    name,
    count,
    run() {
      for (let i = 0; i < count; i++) batch.addMessage(message);
      const { length } = batch.complete();
      batch.reset();
      return length;
    },
  });
}

/** Decodes a chunk of frames, each of which lies whole in it; `copies` as with `zeroCopyReceive: false`. */
function decode(name: string, size: number, copies: boolean): void {
  const batch = new BatchEncoder(new SlabPool());
  const count = countFor(size);
  for (let i = 0; i < count; i++) batch.addMessage([new Uint8Array(size)]);
  const chunk = joined(batch.complete());
  const decoder = new FrameDecoder(chunk.length);
  decoder.copies = copies;
  bench({
    group: copies ? "decode a message, copied" : "decode a message",
    name,
    count,
    run() {
      decoder.push(chunk);
      let bytes = 0;
      while (decoder.next()) bytes += decoder.body.length;
      return bytes;
    },
  });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

for (const [name, size] of Object.entries(SIZES)) encode(name, size);
for (const [name, size] of Object.entries(SIZES)) decode(name, size, false);
for (const [name, size] of Object.entries(SIZES)) decode(name, size, true);
