/**
 * The part of the memory of libsodium's WebAssembly module that its functions work on. It is allocated once and does
 * not grow: larger data is processed in slices.
 *
 * @module
 */

import { MOST_AT_ONCE } from "../zmtp/slices.ts";
import { KEY_SIZE, NONCE_SIZE, TAG_SIZE } from "./curve_crypto.ts";

/** An address in the module's memory. */
type Address = number;

/**
 * The part of the module that is used. Lengths and block numbers are two numbers, the second of which is the upper
 * half.
 */
export interface Sodium {
  /** The memory. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): Address;
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
  _crypto_stream_xsalsa20_xor_ic(
    ...args: [
      out: Address,
      text: Address,
      length: number,
      lengthHigh: number,
      nonce: Address,
      block: number,
      blockHigh: number,
      key: Address,
    ]
  ): number;
  _crypto_onetimeauth_statebytes(): number;
  _crypto_onetimeauth_init(state: Address, key: Address): number;
  _crypto_onetimeauth_update(state: Address, text: Address, length: number, lengthHigh: number): number;
  _crypto_onetimeauth_final(state: Address, tag: Address): number;
}

/** Bytes of the key stream before the text: the first half of the first block is the key of the tag. */
export const LEAD = 32;
const BLOCK_SIZE = 64;

/** Memory for one key, one nonce and one text at a time. */
export class Scratch {
  /** Two keys, followed by the nonce. */
  readonly key: Address;
  readonly otherKey: Address;
  readonly nonce: Address;
  /** A tag, followed by the text. */
  readonly box: Address;
  readonly text: Address;
  /** The state of a tag that is computed in slices. */
  readonly #state: Address;
  readonly #stateSize: number;
  readonly #sodium: Sodium;
  /** The user whose key and nonce prefix are in memory. */
  #user: object | undefined;

  constructor(sodium: Sodium) {
    this.#sodium = sodium;
    this.#stateSize = sodium._crypto_onetimeauth_statebytes();
    this.#state = sodium._malloc(this.#stateSize);
    this.key = sodium._malloc(2 * KEY_SIZE + NONCE_SIZE);
    this.otherKey = this.key + KEY_SIZE;
    this.nonce = this.otherKey + KEY_SIZE;
    this.box = sodium._malloc(TAG_SIZE + MOST_AT_ONCE);
    this.text = this.box + TAG_SIZE;
  }

  /** The memory. */
  get heap(): Uint8Array {
    return this.#sodium.HEAPU8;
  }

  /** Copies a key and a nonce, or its prefix, unless they are still there from the last call of the same user. */
  take(user: object, key: Uint8Array, nonce: Uint8Array): void {
    if (this.#user === user) return;
    this.heap.set(key, this.key);
    this.heap.set(nonce, this.nonce);
    this.#user = user;
  }

  /** Encrypts the text in place. */
  seal(length: number): void {
    this.#sodium._crypto_secretbox_detached(this.text, this.box, this.text, length, 0, this.nonce, this.key);
  }

  /** Decrypts the text in place. Returns `false` if the tag is wrong. */
  open(length: number): boolean {
    const { text, box, nonce, key } = this;
    return this.#sodium._crypto_secretbox_open_detached(text, text, box, length, 0, nonce, key) === 0;
  }

  /**
   * Writes the public key of the key in memory, or the key shared with the other key, into the box; returns `false` if
   * there is none.
   */
  multiply(shared: boolean): boolean {
    if (shared) return this.#sodium._crypto_box_beforenm(this.box, this.otherKey, this.key) === 0;
    return this.#sodium._crypto_scalarmult_base(this.box, this.key) === 0;
  }

  /**
   * Encrypts or decrypts `length` bytes of the text in place. Their key stream begins at `at`, a multiple of the block
   * size.
   */
  mask(length: number, at: number): void {
    const block = at / BLOCK_SIZE;
    const high = Math.floor(block / 0x1_0000_0000);
    const { text, nonce, key } = this;
    this.#sodium._crypto_stream_xsalsa20_xor_ic(text, text, length, 0, nonce, block >>> 0, high, key);
  }

  /** Starts a tag. Its key is read from the beginning of the text, and erased there. */
  startTag(): void {
    this.#sodium._crypto_onetimeauth_init(this.#state, this.text);
    this.heap.fill(0, this.text, this.text + LEAD);
  }

  /** Adds a part of the text to the tag. */
  addToTag(from: number, length: number): void {
    this.#sodium._crypto_onetimeauth_update(this.#state, this.text + from, length, 0);
  }

  /** Writes the tag. */
  writeTag(): void {
    this.#sodium._crypto_onetimeauth_final(this.#state, this.box);
    this.heap.fill(0, this.#state, this.#state + this.#stateSize);
  }

  /** Removes the state of a tag from memory until the next slice. */
  saveTag(into: Uint8Array | undefined): Uint8Array {
    const saved = into ?? new Uint8Array(this.#stateSize);
    saved.set(this.heap.subarray(this.#state, this.#state + this.#stateSize));
    this.heap.fill(0, this.#state, this.#state + this.#stateSize);
    return saved;
  }

  /** Restores the state of a tag. */
  restoreTag(saved: Uint8Array): void {
    this.heap.set(saved, this.#state);
  }

  /** Erases the keys and `length` bytes of text; with `user`, only if they belong to that user. */
  wipe(length: number, user: object | undefined = this.#user): void {
    if (user !== this.#user) return;
    this.heap.fill(0, this.key, this.nonce + NONCE_SIZE);
    this.heap.fill(0, this.box, this.text + length);
    this.#user = undefined;
  }
}
