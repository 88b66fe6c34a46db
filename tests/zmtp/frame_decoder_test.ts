/**
 * Bytes to frames: headers, bodies over chunks, memory, limits, and random bytes.
 *
 * @module
 */

import { assert, assertEquals, assertLess, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ZmqError } from "../../src/base/errors.ts";
import { COMMAND, encodeFrame, LONG, MORE } from "../../src/zmtp/frame.ts";
import { FrameDecoder } from "../../src/zmtp/frame_decoder.ts";
import { bytesAllocated } from "../support/allocations.ts";
import { test } from "../support/harness.ts";
import { hex, toHex } from "../support/hex.ts";
import { decode, each, refusal as refusalOf } from "./frame_decoding.ts";

const MIB = 1024 * 1024;

const refusal = (limit: number, header: Uint8Array) => refusalOf(() => new FrameDecoder(limit), header);

test("the last body is released when its chunk is used up, so that a large one is not kept", () => {
  const frame = encodeFrame(0, new Uint8Array(100));
  for (const chunks of [[frame], [frame.subarray(0, 20), frame.subarray(20)]]) {
    const decoder = new FrameDecoder(1000);
    for (const chunk of chunks) {
      decoder.push(chunk);
      while (decoder.next()) assertEquals(decoder.body.length, 100);
    }
    assertEquals(decoder.body.length, 0);
  }
});

test("flags are reported without the length bit, which a short body may have", () => {
  const bytes = hex("0001aa 0101bb 0400 0200000000000000 01cc 0300000000000000 01dd 0600000000000000 00");
  const frames = ["0:aa", "1:bb", "4:", "0:cc", "1:dd", "4:"];
  assertEquals(decode(new FrameDecoder(10), bytes), frames);
  assertEquals(decode(new FrameDecoder(10), ...each(bytes)), frames);
});

test("a body that lies whole in its chunk is a view of it, even of a subclass such as Node's Buffer", () => {
  class Chunk extends Uint8Array<ArrayBuffer> {}
  const chunk = new Chunk(hex("ffffffff 0003 616263 00").buffer);
  const decoder = new FrameDecoder(10);
  decoder.push(chunk.subarray(4));
  assert(decoder.next());
  assertStrictEquals(decoder.body.buffer, chunk.buffer);
  assertEquals(decoder.body.byteOffset, 6);
  assertStrictEquals(decoder.body.constructor, Uint8Array);
  assertEquals(decoder.next(), false);
});

test("a body over several chunks is a copy, and the chunks are not kept", () => {
  const decoder = new FrameDecoder(10);
  const first = hex("0004 6162");
  decoder.push(first);
  assertEquals(decoder.next(), false);
  first.fill(0xee);
  decoder.push(hex("6364"));
  assert(decoder.next());
  assertEquals(toHex(decoder.body), "61626364");
  assertEquals(decoder.body.buffer.byteLength, 4);
});

test("empty frames are one object, which keeps no chunk alive, and each has its own memory where frames have", () => {
  const frames = concat([hex("0100 0300000000000000 00"), encodeFrame(MORE, new Uint8Array(5)), hex("0000")]);
  for (const copies of [false, true]) {
    for (const chunks of [[frames], each(frames)]) {
      const decoder = new FrameDecoder(10);
      decoder.copies = copies;
      const empty = new Set<Uint8Array>();
      for (const chunk of chunks) {
        decoder.push(chunk);
        while (decoder.next()) if (decoder.body.length === 0) empty.add(decoder.body);
      }
      assertEquals([...empty].map(({ buffer }) => buffer.byteLength), copies ? [0, 0, 0] : [1]);
    }
  }
});

test("a header may be cut anywhere", () => {
  const bytes = concat([encodeFrame(MORE, new Uint8Array(3)), encodeFrame(COMMAND, new Uint8Array(300))]);
  const whole = decode(new FrameDecoder(300), bytes);
  assertEquals(whole.length, 2);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assertEquals(decode(new FrameDecoder(300), bytes.slice(0, cut), bytes.slice(cut)), whole, `cut at ${cut}`);
  }
});

test("reserved flags are refused, each of them, in short and in long headers", () => {
  for (const flag of [0x08, 0x10, 0x20, 0x40, 0x80, 0xf8]) {
    for (const other of [0, MORE, LONG, COMMAND, LONG | COMMAND]) {
      const header = new Uint8Array((other & LONG) === 0 ? 2 : 9);
      header[0] = flag | other;
      const error = refusal(10, header);
      assertEquals(error.code, "EPROTO");
      assertStringIncludes(error.message, `0x${(flag | other).toString(16)}`);
    }
  }
});

test("a command with MORE is a command, and has the limit of one", () => {
  assertEquals(decode(new FrameDecoder(10), hex("0500 07 0000000000000000")), ["5:", "5:"]);
  const refused = refusalOf(() => new FrameDecoder(10, 1), hex("0502"));
  assertEquals([refused.code, decode(new FrameDecoder(0, 1), hex("0501aa"))], ["EMSGSIZE", ["5:aa"]]);
});

test("a length over the limit is refused by its header, the limit itself is not", () => {
  assertEquals(decode(new FrameDecoder(3), hex("0003 616263")), ["0:616263"]);
  assertEquals(refusal(3, hex("0004")).code, "EMSGSIZE");
  assertEquals(refusal(0, hex("0001")).code, "EMSGSIZE");
  assertEquals(decode(new FrameDecoder(0), hex("0000")), ["0:"]);
  assertEquals(refusal(300, hex("02 000000000000012d")).code, "EMSGSIZE");
});

test("lengths of 2^53 and more are rejected and not rounded into range, for any limit", () => {
  const lengths = [
    "0020000000000000", // 2^53
    "0020000000000001", // 2^53 + 1, which no number can hold
    "4000000000000000",
    "7fffffffffffffff",
    "8000000000000000", // 2^63
    "ffffffff00000000",
    "ffffffffffffffff", // 2^64 - 1
  ];
  for (const length of lengths) {
    for (const limit of [MIB, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const allocated = bytesAllocated(() => assertEquals(refusal(limit, hex(`02 ${length}`)).code, "EMSGSIZE"));
      assertLess(allocated, 1000, length);
    }
  }
  assertEquals(refusal(2 ** 32, hex("02 0000000100000001")).code, "EMSGSIZE");
});

test("an announced body costs memory only as it arrives", () => {
  for (const length of ["0000000010000000", "0000001000000000", "001fffffffffffff"]) {
    const decoder = new FrameDecoder(Number.MAX_SAFE_INTEGER);
    assertLess(bytesAllocated(() => assertEquals(decode(decoder, hex(`02 ${length} 61`)), [])), 1.1 * MIB);
    // Bytes that have arrived are not copied again for every further byte.
    const more = each(new Uint8Array(1000));
    assertEquals(bytesAllocated(() => assertEquals(decode(decoder, ...more), [])), 0);
  }
});

test("a large body takes at most a few times its own memory, however it arrives", () => {
  const size = 5 * MIB + 1;
  const body = new Uint8Array(size).fill(7);
  const chunks = [encodeFrame(0, body).slice(0, 9)];
  for (let at = 0; at < size; at += 64 * 1024) chunks.push(body.slice(at, at + 64 * 1024));
  const decoder = new FrameDecoder(size);
  let found = 0;
  const allocated = bytesAllocated(() => {
    for (const chunk of chunks) {
      decoder.push(chunk);
      if (decoder.next()) found++;
    }
  });
  assertEquals(found, 1);
  assertEquals(decoder.body, body);
  assertEquals(decoder.body.buffer.byteLength, size);
  assertLess(allocated, 3 * size);
});

test("the memory of a large body is filled piece by piece: no chunk costs more than a few times its own bytes", () => {
  const chunkSize = 64 * 1024;
  const { set } = Uint8Array.prototype;
  let copied = 0;
  Uint8Array.prototype.set = function (from, at) {
    copied += from.length;
    set.call(this, from, at);
  };
  try {
    for (const size of [2 * MIB + 1, 8 * MIB + 33, 9 * MIB, 16 * MIB + 1]) {
      const body = new Uint8Array(size).map((_, i) => i * 7 + (i >> 9));
      const bytes = encodeFrame(0, body);
      const decoder = new FrameDecoder(size);
      let total = 0;
      let found = false;
      for (let at = 0; at < bytes.length; at += chunkSize) {
        const chunk = bytes.slice(at, at + chunkSize);
        copied = 0;
        decoder.push(chunk);
        found = decoder.next();
        total += copied;
        assertLess(copied, 6 * chunkSize, `at ${at} of ${size}`);
      }
      assert(found);
      assertEquals(decoder.body.every((byte, i) => byte === body[i]), true);
      assertLess(total, 2 * size);
    }
  } finally {
    Uint8Array.prototype.set = set;
  }
}, { timeout: 60_000 });

test("the limit may change between frames", () => {
  const decoder = new FrameDecoder(2);
  decoder.push(hex("0002 6161 0003 616161 0004"));
  assert(decoder.next());
  decoder.maxFrameSize = 3;
  assert(decoder.next());
  assertEquals(assertThrows(() => decoder.next(), ZmqError).code, "EMSGSIZE");
});

test("property: random frames come out the same at random splits", () => {
  const frame = fc.tuple(fc.constantFrom(0, MORE, COMMAND), fc.uint8Array({ maxLength: 600 }), fc.boolean());
  fc.assert(fc.property(fc.array(frame), fc.array(fc.nat(8000)), (frames, cuts) => {
    const bytes = concat(frames.map(([flags, body, long]) => long ? longFrame(flags, body) : encodeFrame(flags, body)));
    const chunks: Uint8Array[] = [];
    let at = 0;
    for (const cut of [...cuts, bytes.length].sort((a, b) => a - b)) {
      chunks.push(bytes.slice(at, at = Math.max(at, cut)));
    }
    assertEquals(
      decode(new FrameDecoder(600), ...chunks),
      frames.map(([flags, body]) => `${flags}:${toHex(body)}`),
    );
  }));
});

test("property: random bytes give frames, an end, or one ZmqError, the same byte by byte", () => {
  const byte = fc.oneof(fc.nat(255), fc.nat(7), fc.constant(0));
  const outcome = (...chunks: Uint8Array[]): string[] => {
    const frames: string[] = [];
    const decoder = new FrameDecoder(64);
    try {
      for (const chunk of chunks) {
        decoder.push(chunk);
        while (decoder.next()) frames.push(`${decoder.flags}:${toHex(decoder.body)}`);
      }
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      frames.push(error.code);
    }
    return frames;
  };
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 100 }), (list) => {
      const bytes = Uint8Array.from(list);
      assertEquals(outcome(...each(bytes)), outcome(bytes));
    }),
    { numRuns: 1000 },
  );
});

function longFrame(flags: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(9 + body.length);
  out[0] = flags | LONG;
  new DataView(out.buffer).setBigUint64(1, BigInt(body.length));
  out.set(body, 9);
  return out;
}

test("messages of one short frame are taken at once, exactly as next() finds them, while there is credit and room", () => {
  const frame = fc.record({
    flags: fc.constantFrom(0, 0, 0, 0, MORE, COMMAND),
    size: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(255, 256, 300)),
  });
  const runs = fc.record({
    frames: fc.array(frame, { maxLength: 30 }),
    cut: fc.nat(60),
    credit: fc.integer({ min: 1, max: 8 }),
    room: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(fc.property(runs, ({ frames, cut, credit, room }) => {
    const bytes = concat(frames.map(({ flags, size }, i) => encodeFrame(flags, new Uint8Array(size).fill(i))));
    const chunks = [bytes.slice(0, cut), bytes.slice(cut)];
    const decoder = new FrameDecoder(300);
    const taken: string[] = [];
    let most = room;
    const receiver = {
      credit: { left: 0 },
      onMessage([body]: Uint8Array[]): boolean {
        taken.push(`0:${toHex(body!)}`);
        return --most > 0;
      },
    };
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (;;) {
        receiver.credit.left = credit;
        most = room;
        const before = taken.length;
        const goesOn = decoder.takeMessages(receiver);
        assertEquals(goesOn, most > 0);
        assertEquals(receiver.credit.left, credit - (taken.length - before));
        if (!goesOn || receiver.credit.left === 0) continue;
        if (!decoder.next()) break;
        taken.push(`${decoder.flags}:${toHex(decoder.body)}`);
      }
    }
    assertEquals(taken, decode(new FrameDecoder(300), ...chunks));
  }));
});

test("nothing of a chunk is taken after the decoder was dropped meanwhile", () => {
  const decoder = new FrameDecoder(10);
  decoder.push(hex("0001aa 0001bb"));
  let taken = 0;
  const goesOn = decoder.takeMessages({
    credit: { left: 10 },
    onMessage() {
      taken++;
      decoder.drop();
      return true;
    },
  });
  assertEquals([goesOn, taken, decoder.next()], [true, 1, false]);
});
