/**
 * {@link CurveCrypto} by libsodium, compiled to WebAssembly: its functions are called on memory that was taken once, because
 * the usual wrapper takes and frees memory for every call, which halves the speed (docs/adr/0008-crypto-package.md).
 *
 * WebAssembly's memory grows and never shrinks, and a box is computed in one piece of it. So a module that has had large boxes
 * makes way for a new one as soon as it has had none for a while.
 *
 * @module
 */

import { systemClock, type Timer } from "../clock.ts";
import { writeLength } from "../zmtp/frame.ts";
import { type CryptoLine, type CurveCrypto, KEY_SIZE, NONCE_SIZE, TAG_SIZE } from "./curve_crypto.ts";

/** An address in the module's memory. */
type Address = number;

/** What is used of the module. Lengths are two numbers, the second of which is the upper half. */
interface Sodium {
  /** The memory; another object after it has grown. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): Address;
  _free(address: Address): void;
  _sodium_init(): number;
  _crypto_scalarmult_base(publicKey: Address, secretKey: Address): number;
  _crypto_box_beforenm(sharedKey: Address, publicKey: Address, secretKey: Address): number;
  _crypto_secretbox_detached(
    ...args: [
      box: Address,
      tag: Address,
      plain: Address,
      length: number,
      lengthHigh: number,
      nonce: Address,
      key: Address,
    ]
  ): number;
  _crypto_secretbox_open_detached(
    ...args: [
      plain: Address,
      box: Address,
      tag: Address,
      length: number,
      lengthHigh: number,
      nonce: Address,
      key: Address,
    ]
  ): number;
}

/** The package's one export: a function that makes the module (ES modules), or the module with a promise (CommonJS). */
type Export = ((options: object) => Promise<Sodium>) | (Sodium & { readonly ready: Promise<void> });

/** What fits without more memory, in bytes: every frame that is sealed into a slab. */
const FIRST_ROOM = 128 * 1024;
/** Boxes above this many bytes are large: their memory is given back. */
const LARGE = 8 * 1024 * 1024;
/** How long without a large box before the memory is given back, in ms: a new module costs about as much as 16 MiB. */
const IDLE = 1000;
const PREFIX_SIZE = 16;
const COUNTER_SIZE = 8;
const NO_BYTES = new Uint8Array(0);

/** Loads the package. */
export async function loadLibsodium(): Promise<CurveCrypto> {
  const { default: exported } = await import("libsodium") as { default: Export };
  // What CommonJS gives is one module for all, which cannot be made anew.
  const renew = typeof exported === "function" ? () => sodiumOf(exported) : undefined;
  return new Libsodium(new Scratch(await sodiumOf(exported), renew));
}

async function sodiumOf(exported: Export): Promise<Sodium> {
  let sodium: Sodium;
  if (typeof exported === "function") {
    // It draws no keys for us, but wants a source of randomness to start.
    sodium = await exported({ getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0]! });
  } else {
    await exported.ready;
    sodium = exported;
  }
  if (sodium._sodium_init() < 0) throw new Error("Cannot use libsodium: it does not start");
  return sodium;
}

/** Memory of the module that its functions work on: one key, one nonce, one box at a time. */
class Scratch {
  /** Two keys, and the nonce behind them. */
  key: Address = 0;
  otherKey: Address = 0;
  nonce: Address = 0;
  #sodium!: Sodium;
  /** Tag and text, one behind the other. */
  #box: Address = 0;
  #room = FIRST_ROOM;
  /** Whose key and nonce prefix are in place. */
  #user: object | undefined;
  /** Lines that are not ended. */
  #lines = 0;
  /** Large boxes so far. */
  #large = 0;
  #timer: Timer | undefined;
  #renewing = false;
  readonly #renew: (() => Promise<Sodium>) | undefined;

  constructor(sodium: Sodium, renew: (() => Promise<Sodium>) | undefined) {
    this.#renew = renew;
    this.#moveTo(sodium);
  }

  #moveTo(sodium: Sodium): void {
    this.#sodium = sodium;
    this.key = sodium._malloc(2 * KEY_SIZE + NONCE_SIZE);
    this.otherKey = this.key + KEY_SIZE;
    this.nonce = this.otherKey + KEY_SIZE;
    this.#box = sodium._malloc(FIRST_ROOM);
    this.#room = FIRST_ROOM;
  }

  /** A line begins. */
  lineBegins(): void {
    this.#lines++;
  }

  /** A line has ended: after the last one nothing is to be waited for. */
  lineEnds(): void {
    if (--this.#lines === 0 && this.#timer !== undefined) this.#giveBack();
  }

  /** A large box is to come. */
  #grow(room: number): void {
    if (room > LARGE) {
      this.#large++;
      if (this.#renew !== undefined && !this.#renewing && this.#timer === undefined) {
        if (this.#lines === 0) this.#giveBack();
        else this.#timer = this.#wait();
      }
    }
    if (room <= this.#room) return;
    // First, because both do not fit where one of them takes more than half of all the memory there can be.
    this.#sodium._free(this.#box);
    this.#room = room;
    this.#box = this.#sodium._malloc(room);
    if (this.#box !== 0) return;
    this.#room = FIRST_ROOM;
    this.#box = this.#sodium._malloc(FIRST_ROOM);
    throw new RangeError(`Cannot encrypt or decrypt ${room} bytes at once: there is no memory for it`);
  }

  #wait(): Timer {
    const before = this.#large;
    const timer = systemClock.timer(IDLE, () => {
      if (this.#large === before) return this.#giveBack();
      this.#timer = this.#wait();
    });
    timer.unref();
    return timer;
  }

  /** Goes on in a new module: the runtime takes the memory of the old one back. */
  #giveBack(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const before = this.#large;
    this.#renewing = true;
    this.#renew!().then((sodium) => {
      this.#renewing = false;
      if (this.#large === before || this.#lines === 0) {
        this.wipe(0);
        this.#moveTo(sodium);
      } else this.#timer = this.#wait();
    }, () => {
      // There is no memory for a new one: the old one does, and the next large box tries again.
      this.#renewing = false;
    });
  }

  /** The tag; the text is behind it. */
  get box(): Address {
    return this.#box;
  }

  /** The memory. It moves when there is more of it, so nobody may keep this. */
  get heap(): Uint8Array {
    return this.#sodium.HEAPU8;
  }

  /** Makes room for a tag and this many bytes of text. */
  reserve(length: number): void {
    if (length > FIRST_ROOM - TAG_SIZE) this.#grow(TAG_SIZE + length);
  }

  /** Puts a key and a nonce, or its beginning, in place, unless they are the last ones of the same user. */
  take(user: object, key: Uint8Array, nonce: Uint8Array): void {
    if (this.#user === user) return;
    this.heap.set(key, this.key);
    this.heap.set(nonce, this.nonce);
    this.#user = user;
  }

  /** Seals the text in its place. */
  seal(length: number): void {
    const text = this.#box + TAG_SIZE;
    this.#sodium._crypto_secretbox_detached(text, this.#box, text, length, 0, this.nonce, this.key);
  }

  /** Opens the text in its place, if the tag is right. */
  open(length: number): boolean {
    const text = this.#box + TAG_SIZE;
    return this.#sodium._crypto_secretbox_open_detached(text, text, this.#box, length, 0, this.nonce, this.key) === 0;
  }

  /** The public key of the one in place, or the key shared with the other one, as the box; `false` if there is none. */
  multiply(shared: boolean): boolean {
    if (shared) return this.#sodium._crypto_box_beforenm(this.#box, this.otherKey, this.key) === 0;
    return this.#sodium._crypto_scalarmult_base(this.#box, this.key) === 0;
  }

  /** Forgets keys, and this many bytes of text; those of one user only if that is named. */
  wipe(length: number, user = this.#user): void {
    if (user !== this.#user) return;
    this.heap.fill(0, this.key, this.nonce + NONCE_SIZE);
    this.heap.fill(0, this.#box, this.#box + TAG_SIZE + length);
    this.#user = undefined;
  }
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
    const key = scratch.multiply(publicKey !== undefined)
      ? scratch.heap.slice(scratch.box, scratch.box + KEY_SIZE)
      : undefined;
    scratch.wipe(KEY_SIZE);
    return key;
  }

  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
    const scratch = this.#scratch;
    const { length } = plain;
    scratch.reserve(length);
    scratch.take({}, key, nonce);
    scratch.heap.set(plain, scratch.box + TAG_SIZE);
    scratch.seal(length);
    const box = scratch.heap.slice(scratch.box, scratch.box + TAG_SIZE + length);
    scratch.wipe(length);
    return box;
  }

  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
    const scratch = this.#scratch;
    const length = box.length - TAG_SIZE;
    if (length < 0) return undefined;
    scratch.reserve(length);
    scratch.take({}, key, nonce);
    scratch.heap.set(box, scratch.box);
    const text = scratch.box + TAG_SIZE;
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
  readonly #noncePrefix: Uint8Array;
  #key: Uint8Array | undefined;

  constructor(scratch: Scratch, key: Uint8Array, noncePrefix: Uint8Array) {
    this.#scratch = scratch;
    this.#key = key;
    this.#noncePrefix = noncePrefix;
    scratch.lineBegins();
  }

  seal(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): void {
    const length = 1 + rest.length;
    const scratch = this.#prepare(length);
    const { heap, box } = scratch;
    writeLength(heap, scratch.nonce + PREFIX_SIZE, counter);
    heap[box + TAG_SIZE] = first;
    // A buffer that was transferred after it was sent has no bytes left, and cannot be copied from.
    if (length > 1) heap.set(rest, box + TAG_SIZE + 1);
    scratch.seal(length);
    into.set(heap.subarray(box, box + TAG_SIZE + length), at);
  }

  open(bytes: Uint8Array, counterAt: number, at: number): boolean {
    const length = bytes.length - at - TAG_SIZE;
    const scratch = this.#prepare(length);
    const { heap, box, nonce } = scratch;
    for (let i = 0; i < COUNTER_SIZE; i++) heap[nonce + PREFIX_SIZE + i] = bytes[counterAt + i]!;
    heap.set(bytes.subarray(at), box);
    if (!scratch.open(length)) return false;
    const text = box + TAG_SIZE;
    bytes.set(heap.subarray(text, text + length), at + TAG_SIZE);
    return true;
  }

  end(): void {
    if (this.#key === undefined) return;
    this.#scratch.wipe(0, this);
    this.#key.fill(0);
    this.#key = undefined;
    this.#scratch.lineEnds();
  }

  #prepare(length: number): Scratch {
    if (this.#key === undefined) throw new Error("Cannot encrypt or decrypt for a connection that is gone");
    this.#scratch.reserve(length);
    this.#scratch.take(this, this.#key, this.#noncePrefix);
    return this.#scratch;
  }
}
