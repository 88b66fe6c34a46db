/**
 * Work that takes long and is done in slices, so that the event loop has its turn meanwhile: whoever does it asks for more
 * credit for reading between any two of them.
 *
 * @module
 */

/** Most bytes that are encrypted or decrypted in a slice: about a quarter of a millisecond. */
export const SLICE_SIZE: number = 64 * 1024;

/** Up to so many bytes are encrypted or decrypted at once, in about a millisecond; more of them in slices. */
export const MOST_AT_ONCE: number = 4 * SLICE_SIZE;

/** What a slice costs of the credit. */
export const SLICE_COST: number = SLICE_SIZE >> 5;

/** Work in slices. */
export interface Slices {
  /** Does the next slice; `true` if it was the last one. What it throws ends the work. */
  next(): boolean;
}
