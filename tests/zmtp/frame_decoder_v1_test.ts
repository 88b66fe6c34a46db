/**
 * Bytes to ZMTP 1.0 frames: headers, bodies over chunks, memory, limits, random frames; and frames to bytes.
 *
 * @module
 */

import { assert, assertEquals, assertLess, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { markWith } from "../../src/base/untransferable.ts";
import { markerOfRuntime } from "../../transports/mod.ts";
import { BatchEncoder, COPY_LIMIT, SlabPool } from "../../src/zmtp/batch_encoder.ts";
import { MORE } from "../../src/zmtp/frame.ts";
import { FrameDecoderV1 } from "../../src/zmtp/frame_decoder_v1.ts";
import { addMessageV1, encodeFrameV1 } from "../../src/zmtp/frame_v1.ts";
import { bytesAllocated } from "../support/allocations.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { decode, each, refusal as refusalOf } from "./frame_decoding.ts";

const MIB = 1024 * 1024;

const refusal = (limit: number, header: Uint8Array) => refusalOf(() => new FrameDecoderV1(limit), header);

test("the last body is released when its chunk is used up, so that a large one is not kept", () => {
  const frame = encodeFrameV1(0, new Uint8Array(100));
  for (const chunks of [[frame], [frame.subarray(0, 20), frame.subarray(20)]]) {
    const decoder = new FrameDecoderV1(1000);
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.next()) assertEquals(decoder.body.length, 100);
    }
    assertEquals(decoder.body.length, 0);
  }
});

test("frames are reported with the MORE flag only, for short and long lengths", () => {
  const bytes = hex("0200aa 0201bb 0100 ff0000000000000002 00 cc ff0000000000000002 01 dd ff0000000000000001 00");
  const frames = ["0:aa", "1:bb", "0:", "0:cc", "1:dd", "0:"];
  assertEquals(decode(new FrameDecoderV1(10), bytes), frames);
  assertEquals(decode(new FrameDecoderV1(10), ...each(bytes)), frames);
});

test("the reserved flags of libzmq 2.x are accepted, all others are refused", () => {
  assertEquals(decode(new FrameDecoderV1(10), hex("017e 017f 02 7eaa")), ["0:", "1:", "0:aa"]);
  for (let flags = 0; flags < 256; flags++) {
    if ([0x00, 0x01, 0x7e, 0x7f].includes(flags)) continue;
    for (const header of [Uint8Array.of(2, flags), Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 2, flags)]) {
      const error = refusal(10, header);
      assertEquals(error.code, "EPROTO");
      assertStringIncludes(error.message, `0x${flags.toString(16)}`);
    }
  }
});

test("a length of 0 is refused by its first byte, and in its long form", () => {
  assertStringIncludes(refusal(10, hex("00")).message, "length 0");
  assertStringIncludes(refusal(10, hex("ff 0000000000000000 00")).message, "length 0");
});

test("a body that lies whole in its chunk is a view of it, even of a subclass such as Node's Buffer", () => {
  class Chunk extends Uint8Array<ArrayBuffer> {}
  const chunk = new Chunk(hex("ffffffff 0400 616263 01").buffer);
  const decoder = new FrameDecoderV1(10);
  decoder.push(chunk.subarray(4));
  assert(decoder.next());
  assertStrictEquals(decoder.body.buffer, chunk.buffer);
  assertEquals(decoder.body.byteOffset, 6);
  assertStrictEquals(decoder.body.constructor, Uint8Array);
  assertEquals(decoder.next(), false);
});

test("a body over several chunks is a copy, and the chunks are not kept", () => {
  const decoder = new FrameDecoderV1(10);
  const first = hex("0500 6162");
  decoder.push(first);
  assertEquals(decoder.next(), false);
  first.fill(0xee);
  decoder.push(hex("6364"));
  assert(decoder.next());
  assertEquals(toHex(decoder.body), "61626364");
  assertEquals(decoder.body.buffer.byteLength, 4);
});

test("empty frames are one object, as in later versions", () => {
  const decoder = new FrameDecoderV1(10);
  const empty = new Set<Uint8Array>();
  decoder.push(hex("0101 0100 ff0000000000000001 00"));
  while (decoder.next()) empty.add(decoder.body);
  assertEquals([...empty].map(({ length, buffer }) => [length, buffer.byteLength]), [[0, 1]]);
});

test("a header may be cut anywhere", () => {
  const bytes = concat([encodeFrameV1(MORE, new Uint8Array(3)), encodeFrameV1(0, new Uint8Array(300))]);
  const whole = decode(new FrameDecoderV1(300), bytes);
  assertEquals(whole.length, 2);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(decode(new FrameDecoderV1(300), bytes.slice(0, cut), bytes.slice(cut)), whole, `cut at ${cut}`);
  }
});

test("a body over the limit is refused by its header, the limit itself is not", () => {
  assertEquals(decode(new FrameDecoderV1(3), hex("0400 616263")), ["0:616263"]);
  assertEquals(refusal(3, hex("0500")).code, "EMSGSIZE");
  assertEquals(refusal(0, hex("0200")).code, "EMSGSIZE");
  assertEquals(decode(new FrameDecoderV1(0), hex("0100")), ["0:"]);
  assertEquals(refusal(300, hex("ff 000000000000012e 00")).code, "EMSGSIZE");
});

test("lengths above 2^53 are rejected and not rounded into range, for any limit", () => {
  const lengths = [
    "0020000000000001", // 2^53 + 1: one less, the length of the body, is a number again
    "0020000000000002",
    "4000000000000000",
    "8000000000000000", // 2^63
    "ffffffffffffffff",
  ];
  for (const length of lengths) {
    for (const limit of [MIB, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const allocated = bytesAllocated(() => assertEquals(refusal(limit, hex(`ff ${length} 00`)).code, "EMSGSIZE"));
      assertLess(allocated, 1000, length);
    }
  }
  assertEquals(refusal(2 ** 32, hex("ff 0000000100000002 00")).code, "EMSGSIZE");
});

test("an announced body costs memory only as it arrives", () => {
  const decoder = new FrameDecoderV1(Number.MAX_SAFE_INTEGER);
  assertLess(bytesAllocated(() => assertEquals(decode(decoder, hex("ff 001fffffffffffff 00 61")), [])), 1.1 * MIB);
  const more = each(new Uint8Array(1000));
  assertEquals(bytesAllocated(() => assertEquals(decode(decoder, ...more), [])), 0);
});

test("a chunk that was transferred with unread frames is distinguished from one that is used up", () => {
  const decoder = new FrameDecoderV1(10);
  const chunk = hex("0200aa 0200bb");
  // As on a runtime that refuses no transfer.
  markWith(undefined);
  decoder.push(chunk);
  markWith(markerOfRuntime());
  assert(decoder.next());
  structuredClone(chunk, { transfer: [chunk.buffer] });
  assertEquals(assertThrows(() => decoder.next(), ZmqError).code, "EINVAL");
});

test("property: random frames come out the same at random splits", () => {
  const frame = fc.tuple(fc.constantFrom(0, MORE), fc.uint8Array({ maxLength: 600 }));
  fc.assert(fc.property(fc.array(frame), fc.array(fc.nat(8000)), (frames, cuts) => {
    const bytes = concat(frames.map(([flags, body]) => encodeFrameV1(flags, body)));
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
      chunks.push(bytes.slice(at, at = Math.max(at, cut)));
    }
    assertEquals(
      decode(new FrameDecoderV1(600), ...chunks),
      frames.map(([flags, body]) => `${flags}:${toHex(body)}`),
    );
  }));
});

test("property: random bytes are frames or are refused, and never cost more than the limit", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
    const decoder = new FrameDecoderV1(50);
    try {
      decode(decoder, ...chunks);
    } catch (error) {
      if (!(error instanceof ZmqError) || (error.code !== "EPROTO" && error.code !== "EMSGSIZE")) throw error;
    }
    assert(decoder.body.length <= 50);
  }));
});

test("a message is written as its frames, large bodies by reference", () => {
  const large = new Uint8Array(COPY_LIMIT + 1).fill(0x62);
  const message = [new Uint8Array(0), new Uint8Array(253).fill(0x61), new Uint8Array(254).fill(0x61), large];
  const batch = new BatchEncoder(new SlabPool());
  addMessageV1(message, batch);
  const bytes = batch.bytes;
  const chunks = batch.complete();
  const expected = message.map((body, i) => encodeFrameV1(i < message.length - 1 ? MORE : 0, body));
  assertEquals(toHex(concat([...chunks])), toHex(concat(expected)));
  assertStrictEquals(chunks.at(-1), large);
  assertEquals(bytes, concat([...chunks]).length);
});

test("a body that was transferred after it was sent is an empty frame, and the message stays whole", () => {
  const gone = new Uint8Array(5);
  structuredClone(gone, { transfer: [gone.buffer] });
  const batch = new BatchEncoder(new SlabPool());
  addMessageV1([gone, hex("6869")], batch);
  assertEquals(toHex(concat([...batch.complete()])), "0101" + "03006869");
});
