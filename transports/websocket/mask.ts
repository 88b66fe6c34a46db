/**
 * Masking keys of clients (RFC 6455 §5.3), and their application.
 *
 * @module
 */

/** Random bytes at hand: the runtime takes longer to begin than to make them. */
const POOL = new Uint8Array(4096);
const pool = new DataView(POOL.buffer);
let used = POOL.length;

/** A new key: its first byte is the lowest one. */
export function newKey(): number {
  if (used === POOL.length) {
    crypto.getRandomValues(POOL);
    used = 0;
  }
  used += 4;
  return pool.getUint32(used - 4, true);
}

/** Shorter ranges go byte by byte, because a view of words costs as much. */
const WORDS_FROM = 128;
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The key for the bytes of a payload from `offset` on. */
export function keyFrom(key: number, offset: number): number {
  const bits = (offset & 3) << 3;
  return bits === 0 ? key : key >>> bits | key << (32 - bits);
}

/** Masks the bytes from `from` to `to`, or removes their mask. */
export function applyMask(bytes: Uint8Array, from: number, to: number, key: number): void {
  let at = from;
  if (LITTLE_ENDIAN && to - from >= WORDS_FROM) {
    const first = from + (-(bytes.byteOffset + from) & 3);
    byBytes(bytes, from, first, key);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + first, (to - first) >> 2);
    const turned = keyFrom(key, first - from);
    for (let i = 0; i < words.length; i++) words[i]! ^= turned;
    at = first + 4 * words.length;
    key = turned;
  }
  byBytes(bytes, at, to, key);
}

function byBytes(bytes: Uint8Array, from: number, to: number, key: number): void {
  const [k0, k1, k2, k3] = [key & 255, key >>> 8 & 255, key >>> 16 & 255, key >>> 24];
  let at = from;
  for (; at + 3 < to; at += 4) {
    bytes[at]! ^= k0;
    bytes[at + 1]! ^= k1;
    bytes[at + 2]! ^= k2;
    bytes[at + 3]! ^= k3;
  }
  if (at < to) bytes[at]! ^= k0;
  if (at + 1 < to) bytes[at + 1]! ^= k1;
  if (at + 2 < to) bytes[at + 2]! ^= k2;
}
