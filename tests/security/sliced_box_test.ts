/**
 * Large boxes, which are encrypted and decrypted in slices: the bytes are those of libsodium's one-shot functions,
 * nothing is decrypted before all of it is authenticated, and the memory of libsodium's module does not grow.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { CryptoLine } from "../../src/security/curve_crypto.ts";
import { loadLibsodium } from "../../src/security/libsodium.ts";
import { MOST_AT_ONCE, SLICE_SIZE, type Slices } from "../../src/zmtp/slices.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";
import { oneShotSeal } from "./one_shot.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i * 37 + 11);
const PREFIX = new Uint8Array(16).fill(9);
const AT = 8;
const TEXT_AT = AT + 16;

/** Sizes of text around every edge: of blocks, slices, the first of which is shorter, and of what is done at once. */
const SIZES: readonly number[] = [
  1,
  2,
  31,
  32,
  33,
  63,
  64,
  65,
  ...[
    SLICE_SIZE - 32,
    SLICE_SIZE,
    2 * SLICE_SIZE - 32,
    2 * SLICE_SIZE,
    3 * SLICE_SIZE,
    MOST_AT_ONCE,
    5 * SLICE_SIZE - 32,
  ]
    .flatMap((edge) => [-64, -33, -32, -31, -17, -16, -15, -2, -1, 0, 1, 2, 31, 32, 33].map((more) => edge + more)),
  1_000_003,
];

/** Faster than assertEquals by far. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Finishes a box, and returns the number of slices. */
function finish(slices: Slices): number {
  let count = 1;
  while (!slices.next()) count++;
  return count;
}

function textOf(size: number): Uint8Array {
  const text = new Uint8Array(size);
  for (let i = 0; i < size; i++) text[i] = i * 31 + (i >> 8) + size;
  return text;
}

/** Room for a counter, a tag and so much text, with the counter in its place. */
function room(counter: number, size: number): Uint8Array {
  const bytes = new Uint8Array(TEXT_AT + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter));
  return bytes;
}

/** Encrypts a text on a line, in slices. */
function sealed(line: CryptoLine, counter: number, text: Uint8Array): Uint8Array {
  const bytes = room(counter, text.length);
  finish(line.sealInSlices(counter, text[0]!, text.subarray(1), bytes, AT));
  return bytes;
}

/** The box that libsodium computes in one call. */
function expected(counter: number, text: Uint8Array): Promise<Uint8Array> {
  return oneShotSeal(KEY, nonceOf(counter), text);
}

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(24);
  nonce.set(PREFIX);
  new DataView(nonce.buffer).setBigUint64(16, BigInt(counter));
  return nonce;
}

/** The memories of the modules that are made while this is in use. */
class Memories implements Disposable {
  readonly all: WebAssembly.Memory[] = [];
  readonly #instantiate = WebAssembly.instantiate;

  constructor() {
    const real = this.#instantiate as (...args: unknown[]) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;
    (WebAssembly as { instantiate: unknown }).instantiate = async (...args: unknown[]) => {
      const made = await real.apply(WebAssembly, args);
      const exports = Object.values(made.instance.exports);
      this.all.push(exports.find((one): one is WebAssembly.Memory => one instanceof WebAssembly.Memory)!);
      return made;
    };
  }

  [Symbol.dispose](): void {
    WebAssembly.instantiate = this.#instantiate;
  }
}

test("sliced and one-shot boxes equal those of libsodium's function, at every edge, in both directions", async () => {
  const [out, back] = [crypto.line(KEY, PREFIX), crypto.line(KEY, PREFIX)];
  for (const [i, size] of SIZES.entries()) {
    const counter = i + 1;
    const text = textOf(size);
    const box = await expected(counter, text);
    const slices = sealed(out, counter, text);
    assert(equal(slices.subarray(AT), box), `${size} bytes are encrypted in slices`);
    const once = room(counter, size);
    out.seal(counter, text[0]!, text.subarray(1), once, AT);
    assert(equal(once.subarray(AT), box), `${size} bytes are encrypted`);
    const opening = back.openInSlices(slices, 0, AT);
    finish(opening);
    assert(opening.genuine && equal(slices.subarray(TEXT_AT), text), `${size} bytes are opened in slices`);
    assert(back.open(once, 0, AT) && equal(once.subarray(TEXT_AT), text), `${size} bytes are opened`);
    assert(equal(crypto.seal(KEY, nonceOf(counter), text), box), `${size} bytes, one-shot`);
    assert(equal(crypto.open(KEY, nonceOf(counter), box)!, text), `${size} bytes, one-shot`);
  }
}, { timeout: 60_000 });

test("a slice is never more than its size", () => {
  const [out, back] = [crypto.line(KEY, PREFIX), crypto.line(KEY, PREFIX)];
  for (const size of [1_000_000, 5 * SLICE_SIZE, 5 * SLICE_SIZE - 32]) {
    const text = textOf(size);
    const bytes = room(1, size);
    const most = Math.ceil((size + 32) / SLICE_SIZE);
    assertEquals(finish(out.sealInSlices(1, text[0]!, text.subarray(1), bytes, AT)), most);
    // Once for the tag, and once to decrypt.
    assertEquals(finish(back.openInSlices(bytes, 0, AT)), Math.ceil(size / SLICE_SIZE) + most);
  }
});

test("a box that was changed anywhere does not open, and nothing of it is decrypted", async () => {
  const line = crypto.line(KEY, PREFIX);
  const size = 5 * SLICE_SIZE + 100;
  const box = await expected(7, textOf(size));
  const whole = room(7, size);
  whole.set(box, AT);
  const places = [0, 7, AT, AT + 15, TEXT_AT, TEXT_AT + 31, TEXT_AT + 32];
  for (let slice = 1; slice <= 5; slice++) {
    for (const more of [-33, -32, -1, 0, 1]) places.push(TEXT_AT + slice * SLICE_SIZE + more);
  }
  places.push(whole.length - 1);
  for (const place of places) {
    for (const bit of [1, 0x80]) {
      const changed = whole.slice();
      changed[place]! ^= bit;
      const before = changed.slice();
      const opening = line.openInSlices(changed, 0, AT);
      finish(opening);
      assertEquals([opening.genuine, equal(changed, before)], [false, true], `byte ${place}`);
      assert(!line.open(changed, 0, AT) && equal(changed, before), `byte ${place}, at once`);
    }
  }
  for (const cut of [1, 16, 17, SLICE_SIZE, size - 1]) {
    const opening = line.openInSlices(whole.slice(0, whole.length - cut), 0, AT);
    finish(opening);
    assertEquals(opening.genuine, false, `without ${cut} bytes`);
  }
  assert(crypto.open(KEY, nonceOf(7), box.map((byte, i) => i === 300_000 ? byte ^ 1 : byte)) === undefined);
  // After all of that the unchanged box can still be decrypted.
  const opening = line.openInSlices(whole, 0, AT);
  finish(opening);
  assert(opening.genuine);
}, { timeout: 60_000 });

test("nothing is decrypted before the last byte is authenticated", async () => {
  const line = crypto.line(KEY, PREFIX);
  const size = 4 * SLICE_SIZE;
  const bytes = room(7, size);
  bytes.set(await expected(7, textOf(size)), AT);
  const before = bytes.slice();
  const opening = line.openInSlices(bytes, 0, AT);
  for (let slice = 0; slice < 4; slice++) {
    assertEquals([opening.next(), equal(bytes, before)], [false, true]);
    assertEquals(opening.genuine, slice === 3);
  }
  assertEquals([opening.next(), equal(bytes, before)], [false, false]);
});

test("boxes of several lines, and of the same line, do not disturb each other between slices", async () => {
  const other = KEY.map((byte) => byte ^ 0xff);
  const lines = [crypto.line(KEY, PREFIX), crypto.line(other, PREFIX), crypto.line(KEY, PREFIX)];
  const keys = [KEY, other, KEY];
  const sizes = [700_000, 500_001, 300_002];
  const texts = sizes.map(textOf);
  const boxes = sizes.map((size, i) => room(i + 1, size));
  const work: (Slices | undefined)[] = lines.map((line, i) =>
    line.sealInSlices(i + 1, texts[i]![0]!, texts[i]!.subarray(1), boxes[i]!, AT)
  );
  const disturb = (i: number) => {
    crypto.publicKey(KEY);
    const [small, text] = [room(100, 50), textOf(50)];
    lines[i]!.seal(100, text[0]!, text.subarray(1), small, AT);
    crypto.open(KEY, nonceOf(1), new Uint8Array(400_000));
  };
  while (work.some((one) => one !== undefined)) {
    for (let i = 0; i < work.length; i++) {
      disturb(i);
      if (work[i]?.next() === true) work[i] = undefined;
    }
  }
  for (const [i, box] of boxes.entries()) {
    assert(equal(box.subarray(AT), await oneShotSeal(keys[i]!, nonceOf(i + 1), texts[i]!)), `box ${i}`);
  }
  const opening = lines.map((line, i) => line.openInSlices(boxes[i]!, 0, AT));
  const left = new Set(opening);
  while (left.size > 0) {
    for (const [i, one] of opening.entries()) {
      disturb(i);
      if (left.has(one) && one.next()) left.delete(one);
    }
  }
  for (const [i, box] of boxes.entries()) assert(opening[i]!.genuine && equal(box.subarray(TEXT_AT), texts[i]!));
}, { timeout: 60_000 });

test("a line that has ended does nothing more, and memory that was transferred between slices is detected", () => {
  const size = 400_000;
  const text = textOf(size);
  const line = crypto.line(KEY, PREFIX);
  const bytes = sealed(line, 1, text);
  const [sealing, opening] = [
    line.sealInSlices(2, 0, text, new Uint8Array(TEXT_AT + 1 + size), AT),
    line.openInSlices(bytes, 0, AT),
  ];
  assertEquals([sealing.next(), opening.next()], [false, false]);
  line.end();
  for (const work of [sealing, opening]) assertThrows(() => work.next(), Error, "closed connection");

  const next = crypto.line(KEY, PREFIX);
  const works = [
    next.sealInSlices(2, 0, text, new Uint8Array(TEXT_AT + 1 + size), AT),
    next.openInSlices(bytes, 0, AT),
  ];
  for (const work of works) assertEquals(work.next(), false);
  for (const { buffer } of [text, bytes]) structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  for (const work of works) assertThrows(() => work.next(), Error, "transferred");
  // Others go on.
  sealed(next, 3, textOf(size));
  next.end();
});

test(
  "the memory of libsodium's module does not grow with encryption and decryption, and no key is left in it",
  async () => {
    using memories = new Memories();
    const sodium = await loadLibsodium();
    const size = memories.all[0]!.buffer.byteLength;
    assert(size <= 4 * 1024 * 1024, `${size}`);
    const [out, back] = [sodium.line(KEY, PREFIX), sodium.line(KEY, PREFIX)];
    for (const length of [1, 100, MOST_AT_ONCE, MOST_AT_ONCE + 1, 12 * 1024 * 1024]) {
      const text = new Uint8Array(length).fill(length);
      const bytes = room(length, length);
      out.seal(length, text[0]!, text.subarray(1), bytes, AT);
      assert(back.open(bytes, 0, AT) && equal(bytes.subarray(TEXT_AT), text));
      assert(equal(sodium.open(KEY, nonceOf(length), sodium.seal(KEY, nonceOf(length), text))!, text));
    }
    assertEquals([memories.all.length, memories.all[0]!.buffer.byteLength], [1, size]);
    assertEquals(toHex(sodium.publicKey(KEY)), toHex(crypto.publicKey(KEY)));
    out.end();
    back.end();
    const left = new Uint8Array(memories.all[0]!.buffer);
    for (let at = left.indexOf(KEY[0]!); at >= 0; at = left.indexOf(KEY[0]!, at + 1)) {
      assert(!KEY.every((byte, i) => left[at + i] === byte), `a key at ${at}`);
    }
  },
  { timeout: 60_000 },
);
