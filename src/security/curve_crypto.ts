/**
 * The cryptography that CURVE needs (NaCl's `crypto_box`: X25519, XSalsa20, Poly1305), as an interface of the project's own.
 * All of it is synchronous, once it is loaded.
 *
 * @module
 */

import type { Slices } from "../zmtp/slices.ts";

/** Length of every key, in bytes. */
export const KEY_SIZE = 32;
/** What a box has more than what is in it, in bytes. */
export const TAG_SIZE = 16;
/** Length of a nonce, in bytes. */
export const NONCE_SIZE = 24;
/** Most bytes of a frame that can be encrypted: the cipher has no such limit, but nobody has tried more. */
export const MOST_SEALED: number = 2 ** 31 - 2 ** 24;

/** What CURVE computes. Keys are 32 bytes, nonces 24. */
export interface CurveCrypto {
  /** Bytes that nobody can foresee. */
  random(length: number): Uint8Array;
  /** The public key of a secret one. */
  publicKey(secretKey: Uint8Array): Uint8Array;
  /**
   * The key that two parties share (`crypto_box_beforenm`), in memory of its own. `undefined` for a public key with which
   * every secret key would lead to the same.
   */
  sharedKey(publicKey: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined;
  /** Seals: a tag, then as many bytes as there are in `plain` (`crypto_secretbox_easy`). */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array;
  /** Opens what `seal` sealed, into memory of its own; `undefined` if it is something else. */
  open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined;
  /**
   * Makes a line: many boxes under one key, in one direction.
   *
   * @param key Copied.
   * @param noncePrefix First 16 bytes of every nonce.
   */
  line(key: Uint8Array, noncePrefix: Uint8Array): CryptoLine;
}

/** Boxes under one key, whose nonces differ in the last 8 bytes only. Nothing is allocated for a box. */
export interface CryptoLine {
  /**
   * Writes the box of `first` and all bytes of `rest` at `at`: a tag, then one byte more than `rest` has.
   *
   * @param counter Last 8 bytes of the nonce, big-endian. Never the same twice.
   */
  seal(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): void;
  /**
   * Opens the box that `bytes` has from `at` to its end, in place: what was in it is 16 bytes behind `at` then. `false` if it
   * is something else, and then nothing is changed.
   *
   * @param counter Where the last 8 bytes of the nonce are in `bytes`.
   */
  open(bytes: Uint8Array, counterAt: number, at: number): boolean;
  /** Seals as `seal` does, in slices. Other boxes may be sealed between them. */
  sealInSlices(counter: number, first: number, rest: Uint8Array, into: Uint8Array, at: number): Slices;
  /** Opens as `open` does, in slices. */
  openInSlices(bytes: Uint8Array, counterAt: number, at: number): SlicedOpening;
  /** Forgets the key: nothing can be sealed or opened any more. */
  end(): void;
}

/** A box that is opened in slices: first all of it is authenticated, then it is decrypted. */
export interface SlicedOpening extends Slices {
  /** Whether the tag is right; known when `next` has returned `true`. If not, nothing is changed. */
  readonly genuine: boolean;
}
