/**
 * The memory of libsodium's module: it grows to the largest box, and is given back when no large box has come for a while, or
 * when nothing is encrypted any more. What is computed is the same before, meanwhile and after.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import { type CryptoLine, MOST_SEALED } from "../../src/security/curve_crypto.ts";
import { loadLibsodium } from "../../src/security/libsodium.ts";
import { turn } from "../support/connection_rig.ts";
import { crypto } from "../support/fixed_crypto.ts";
import { test } from "../support/harness.ts";
import { toHex } from "../support/hex.ts";

const MIB = 1024 * 1024;
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i * 37 + 11);
const PREFIX = new Uint8Array(16).fill(9);

/** Faster than assertEquals by far. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
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

  /** Of the module that was made last, in bytes. */
  get size(): number {
    return this.all.at(-1)!.buffer.byteLength;
  }

  /** Waits until so many have been made, and one turn more, in which the last one takes over. */
  async made(count: number): Promise<void> {
    while (this.all.length < count) await turn();
    await turn();
  }

  [Symbol.dispose](): void {
    WebAssembly.instantiate = this.#instantiate;
  }
}

/**
 * Seals so many bytes on a line, compares the box with what another module makes (unless it is so large that this one would be
 * made anew for it), and opens it on another line.
 */
function passes(out: CryptoLine, back: CryptoLine, counter: number, size: number): void {
  const rest = new Uint8Array(size).fill(counter);
  const bytes = new Uint8Array(8 + 17 + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(counter));
  out.seal(counter, 3, rest, bytes, 8);
  if (size < 8 * MIB) {
    const expected = crypto.seal(KEY, concat([PREFIX, bytes.subarray(0, 8)]), concat([Uint8Array.of(3), rest]));
    assert(equal(bytes.subarray(8), expected), `${size} bytes`);
  }
  assert(back.open(bytes, 0, 8));
  assert(bytes[24] === 3 && equal(bytes.subarray(25), rest));
}

test("the memory is given back when the last line ends, and the next ones work", async () => {
  using memories = new Memories();
  const sodium = await loadLibsodium();
  const first = memories.size;
  for (let round = 1; round <= 2; round++) {
    const [out, back] = [sodium.line(KEY, PREFIX), sodium.line(KEY, PREFIX)];
    passes(out, back, round, 12 * MIB);
    assert(memories.size > 12 * MIB, `${memories.size}`);
    out.end();
    assertEquals(memories.all.length, round);
    back.end();
    await memories.made(round + 1);
    assertEquals(memories.size, first);
    assertEquals(toHex(sodium.publicKey(KEY)), toHex(crypto.publicKey(KEY)));
    assertEquals(memories.size, first);
  }
}, { timeout: 30_000 });

test("the memory is given back while lines go on, once no large box has come for a while", async () => {
  using memories = new Memories();
  const sodium = await loadLibsodium();
  const first = memories.size;
  const [out, back] = [sodium.line(KEY, PREFIX), sodium.line(KEY, PREFIX)];
  let counter = 0;
  passes(out, back, ++counter, 12 * MIB);
  // Small boxes do not keep it.
  while (memories.all.length < 2) {
    passes(out, back, ++counter & 255, 100);
    await turn();
  }
  await turn();
  const old = memories.all[0]!.buffer;
  for (const size of [0, 1, 100, 100_000, 1_000_000, 100]) passes(out, back, ++counter & 255, size);
  assertEquals(memories.all[0]!.buffer, old, "the old module is not used any more");
  assert(memories.size < first + 4 * MIB);
  // No key is left behind in it.
  const left = new Uint8Array(old);
  for (let at = left.indexOf(KEY[0]!); at >= 0; at = left.indexOf(KEY[0]!, at + 1)) {
    assert(!KEY.every((byte, i) => left[at + i] === byte), `a key at ${at}`);
  }
  out.end();
  back.end();
}, { timeout: 30_000 });

test("a box that there is no memory for is refused, and everything else goes on", async () => {
  using memories = new Memories();
  const sodium = await loadLibsodium();
  const [out, back] = [sodium.line(KEY, PREFIX), sodium.line(KEY, PREFIX)];
  const huge = { length: MOST_SEALED + 64 * MIB } as Uint8Array;
  assertThrows(() => out.seal(1, 0, huge, new Uint8Array(0), 0), RangeError, "no memory");
  for (const size of [0, 100, 200_000]) passes(out, back, 5, size);
  out.end();
  back.end();
  // Nothing was large enough to be given back but what was refused.
  await memories.made(2);
}, { timeout: 30_000 });

test("boxes are those of NaCl's one-shot functions, whatever their size", async () => {
  const sodium = await loadLibsodium();
  const [out, back] = [sodium.line(KEY, PREFIX), sodium.line(KEY, PREFIX)];
  let seed = 1;
  for (let i = 0; i < 60; i++) {
    seed = seed * 48_271 % 2_147_483_647;
    // As many small ones as large ones, and the edges of the slab and of the first memory.
    const edge = [63, 64, 65, 128 * 1024 - 17, 128 * 1024 - 16, 128 * 1024, 7 * MIB][i % 7]!;
    passes(out, back, i & 255, i < 14 ? edge : seed % 2 ** (1 + i % 20));
  }
  out.end();
  back.end();
}, { timeout: 30_000 });
