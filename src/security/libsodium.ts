/**
 * Implements {@link CurveCrypto} with libsodium, compiled to WebAssembly. Its functions are called on memory that is
 * allocated once: the usual wrapper allocates and frees memory for every call, which halves the speed
 * (docs/adr/0008-crypto-package.md).
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { writeLength } from "../zmtp/frame.ts";
import { MOST_AT_ONCE, type Slices } from "../zmtp/slices.ts";
import {
  type CryptoLine,
  type CurveCrypto,
  KEY_SIZE,
  NONCE_SIZE,
  type SlicedOpening,
  TAG_SIZE,
} from "./curve_crypto.ts";
import { Scratch, type Sodium } from "./scratch.ts";
import { BoxOpening, BoxSealing } from "./sliced_box.ts";

/**
 * The package's only export: a function that creates the module (ES modules), or the module with a promise (CommonJS).
 */
type Export = ((options: object) => Promise<Sodium>) | (Sodium & { readonly ready: Promise<void> });

const PREFIX_SIZE = 16;
const COUNTER_SIZE = 8;
/** Loads the package. */
export async function loadLibsodium(): Promise<CurveCrypto> {
  const { default: exported } = await import("libsodium-sumo") as { default: Export };
  return new Libsodium(new Scratch(await sodiumOf(exported)));
}

async function sodiumOf(exported: Export): Promise<Sodium> {
  let sodium: Sodium;
  if (typeof exported === "function") {
    // Generates no keys for us, but needs a source of randomness to start.
    sodium = await exported({ getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0]! });
  } else {
    await exported.ready;
    sodium = exported;
  }
  if (sodium._sodium_init() < 0) throw new Error("Cannot use libsodium: its initialization failed");
  return sodium;
}

function runAll(slices: Slices): void {
  while (!slices.next());
}

class Libsodium implements CurveCrypto {
  readonly #scratch: Scratch;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  random(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length));
  }

  publicKey(secretKey: Uint8Array): Uint8Array {
    return this.#multiply(secretKey, undefined)!;
  }

  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined {
    return this.#multiply(secretKey, publicKey);
  }

  #multiply(secretKey: Uint8Array, publicKey: Uint8Array | undefined): Uint8Array | undefined {
    const scratch = this.#scratch;
    scratch.take({}, secretKey, NO_BYTES);
    scratch.heap.set(publicKey ?? NO_BYTES, scratch.otherKey);
    const { box } = scratch;
    const key = scratch.multiply(publicKey !== undefined) ? scratch.heap.slice(box, box + KEY_SIZE) : undefined;
    scratch.wipe(KEY_SIZE);
    return key;
  }

  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
    const scratch = this.#scratch;
    const { length } = plain;
    scratch.take({}, key, nonce);
    if (length > MOST_AT_ONCE) {
      const box = new Uint8Array(TAG_SIZE + length);
      runAll(new BoxSealing(() => scratch, plain[0]!, plain.subarray(1), box, 0));
      scratch.wipe(MOST_AT_ONCE);
      return box;
    }
    scratch.heap.set(plain, scratch.text);
    scratch.seal(length);
    const box = scratch.heap.slice(scratch.box, scratch.text + length);
    scratch.wipe(length);
    return box;
  }

  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
    const scratch = this.#scratch;
    const length = box.length - TAG_SIZE;
    if (length < 0) return undefined;
    scratch.take({}, key, nonce);
    if (length > MOST_AT_ONCE) {
      const bytes = box.slice();
      const opening = new BoxOpening(() => scratch, bytes, 0);
      runAll(opening);
      scratch.wipe(MOST_AT_ONCE);
      return opening.genuine ? bytes.subarray(TAG_SIZE) : undefined;
    }
    scratch.heap.set(box, scratch.box);
    const { text } = scratch;
    const plain = scratch.open(length) ? scratch.heap.slice(text, text + length) : undefined;
    scratch.wipe(length);
    return plain;
  }

  line(key: Uint8Array, noncePrefix: Uint8Array): CryptoLine {
    return new Line(this.#scratch, key.slice(), noncePrefix);
  }
}

class Line implements CryptoLine {
  readonly #scratch: Scratch;
  readonly #nonce = new Uint8Array(NONCE_SIZE);
  #key: Uint8Array | undefined;
  /** The last box in slices, which may not be finished. */
  #sliced: BoxSealing | BoxOpening | undefined;

  constructor(scratch: Scratch, key: Uint8Array, noncePrefix: Uint8Array) {
    this.#scratch = scratch;
    this.#key = key;
    this.#nonce.set(noncePrefix);
  }

  seal(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): void {
    const length = 1 + rest.length;
    if (length > MOST_AT_ONCE) return runAll(this.sealInSlices(counter, first, rest, into, at));
    const scratch = this.#prepare();
    const { heap, box, text } = scratch;
    writeLength(heap, scratch.nonce + PREFIX_SIZE, counter);
    heap[text] = first;
    // A buffer that was transferred after it was sent has no bytes left, and copying from it throws.
    if (length > 1) heap.set(rest, text + 1);
    scratch.seal(length);
    into.set(heap.subarray(box, text + length), at);
  }

  open(bytes: Uint8Array, counterAt: number, at: number): boolean {
    const length = bytes.length - at - TAG_SIZE;
    if (length > MOST_AT_ONCE) {
      const opening = this.openInSlices(bytes, counterAt, at);
      runAll(opening);
      return opening.genuine;
    }
    const scratch = this.#prepare();
    const { heap, box, text, nonce } = scratch;
    for (let i = 0; i < COUNTER_SIZE; i++) heap[nonce + PREFIX_SIZE + i] = bytes[counterAt + i]!;
    heap.set(bytes.subarray(at), box);
    if (!scratch.open(length)) return false;
    bytes.set(heap.subarray(text, text + length), at + TAG_SIZE);
    return true;
  }

  sealInSlices(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): Slices {
    const end = new Uint8Array(COUNTER_SIZE);
    writeLength(end, 0, counter);
    return this.#sliced = new BoxSealing(this.#prepareSlice(end), first, rest, into, at);
  }

  openInSlices(bytes: Uint8Array, counterAt: number, at: number): SlicedOpening {
    const end = bytes.slice(counterAt, counterAt + COUNTER_SIZE);
    return this.#sliced = new BoxOpening(this.#prepareSlice(end), bytes, at);
  }

  end(): void {
    if (this.#key === undefined) return;
    this.#scratch.wipe(0, this);
    this.#sliced?.forget();
    this.#sliced = undefined;
    this.#key.fill(0);
    this.#key = undefined;
  }

  #prepare(): Scratch {
    if (this.#key === undefined) throw new Error("Cannot encrypt or decrypt for a closed connection");
    this.#scratch.take(this, this.#key, this.#nonce);
    return this.#scratch;
  }

  /** Sets key and nonce again, because other boxes of this line may have been processed since the last slice. */
  #prepareSlice(counter: Uint8Array): () => Scratch {
    return () => {
      const scratch = this.#prepare();
      scratch.heap.set(counter, scratch.nonce + PREFIX_SIZE);
      return scratch;
    };
  }
}
