/**
 * Random numbers that a seed decides: the same on every runtime, because only integer arithmetic is used.
 *
 * @module
 */

/** Returns a function that returns the next number, from 0 (inclusive) to 1 (exclusive), of a stream (mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let bits = Math.imul(state ^ state >>> 15, 1 | state);
    bits = bits + Math.imul(bits ^ bits >>> 7, 61 | bits) ^ bits;
    return ((bits ^ bits >>> 14) >>> 0) / 0x1_0000_0000;
  };
}
