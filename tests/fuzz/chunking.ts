/**
 * Cuts the bytes of an input into chunks: whole, byte by byte, and at places that depend on the input alone.
 *
 * @module
 */

import { mulberry32 } from "../support/mulberry32.ts";

/** Inputs up to this length are also cut byte by byte. */
const SHORT = 64;

/** Returns a number that depends on the bytes (FNV-1a). */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

/** Returns the ways to cut these bytes besides leaving them whole. The chunks are views. */
export function chunkings(bytes: Uint8Array): Uint8Array[][] {
  const lists = [cut(bytes, mulberry32(hashOf(bytes)))];
  if (bytes.length <= SHORT) lists.push(Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1)));
  return lists;
}

function cut(bytes: Uint8Array, random: () => number): Uint8Array[] {
  const largest = 1 + Math.floor(random() * 2 * Math.sqrt(bytes.length));
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * largest);
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}
