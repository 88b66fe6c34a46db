/**
 * The cryptography that CURVE needs (NaCl's `crypto_box`: X25519, XSalsa20, Poly1305), as an interface of this project.
 * All functions are synchronous once it is loaded.
 *
 * @module
 */

import type { Slices } from "../zmtp/slices.ts";

/** Length of a key, in bytes. */
export const KEY_SIZE = 32;
/** Length of the authentication tag of a box, in bytes. */
export const TAG_SIZE = 16;
/** Length of a nonce, in bytes. */
export const NONCE_SIZE = 24;
/**
 * Maximum size of a frame that can be encrypted, in bytes. The cipher has no such limit, but larger frames are not
 * tested.
 */
export const MOST_SEALED: number = 2 ** 31 - 2 ** 24;

/** The functions that CURVE needs. Keys are 32 bytes, nonces 24. */
export interface CurveCrypto {
  /** Returns cryptographically secure random bytes. */
  random(length: number): Uint8Array;
  /** Returns the public key of a secret key. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * Returns the shared key of two parties (`crypto_box_beforenm`) in its own memory; `undefined` for a low-order public
   * key, which leads to the same shared key for every secret key.
   */
  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined;
  /** Encrypts `plain` into a box: a tag, then as many bytes as `plain` has (`crypto_secretbox_easy`). */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array;
  /** Decrypts a box into its own memory; returns `undefined` if it is not authentic. */
  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined;
  /**
   * Creates a line: boxes under one key, in one direction.
   *
   * @param key The shared key; it is copied.
   * @param noncePrefix The first 16 bytes of every nonce.
   */
  line(key: Uint8Array, noncePrefix: Uint8Array): CryptoLine;
}

/** Boxes under one key, whose nonces differ only in the last 8 bytes. No allocation per box. */
export interface CryptoLine {
  /**
   * Encrypts `first` and all bytes of `rest`, and writes the box at `at`: a tag, then one byte more than `rest` has.
   *
   * @param counter The last 8 bytes of the nonce, big-endian. Must never repeat.
   */
  seal(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): void;
  /**
   * Decrypts the box from `at` to the end of `bytes` in place: the plaintext starts 16 bytes after `at`. Returns
   * `false`, and changes nothing, if the box is not authentic.
   *
   * @param counterAt The position in `bytes` of the last 8 bytes of the nonce.
   */
  open(bytes: Uint8Array, counterAt: number, at: number): boolean;
  /** Encrypts like `seal`, in slices. Other boxes may be encrypted in between. */
  sealInSlices(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): Slices;
  /** Decrypts like `open`, in slices. */
  openInSlices(bytes: Uint8Array, counterAt: number, at: number): SlicedOpening;
  /** Erases the key. Nothing can be encrypted or decrypted afterwards. */
  end(): void;
}

/** Decrypts a box in slices: all of it is authenticated before any of it is decrypted. */
export interface SlicedOpening extends Slices {
  /** True if the tag is correct; valid once `next` has returned `true`. If false, nothing was changed. */
  readonly genuine: boolean;
}
