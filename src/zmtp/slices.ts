/**
 * Long computations are done in slices, so that the event loop keeps running: a connection spends credit for reading on
 * each slice.
 *
 * @module
 */

/** Maximum bytes that are encrypted or decrypted per slice, in about a quarter of a millisecond. */
export const SLICE_SIZE: number = 64 * 1024;

/** Up to this many bytes are encrypted or decrypted at once, in about a millisecond; larger data in slices. */
export const MOST_AT_ONCE: number = 4 * SLICE_SIZE;

/** Cost of a slice in credit for reading. */
export const SLICE_COST: number = SLICE_SIZE >> 5;

/** A computation in slices. */
export interface Slices {
  /** Computes the next slice; returns `true` if it was the last one. An exception ends the computation. */
  next(): boolean;
}
