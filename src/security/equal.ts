/**
 * Comparison of secrets.
 *
 * @module
 */

/** Longest password of PLAIN, in bytes. */
const MAX_PASSWORD = 255;
const BLOCK = MAX_PASSWORD + 1;

/** Whether two secrets of the same length, which is no secret, are the same; the time tells nothing of where they differ. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/**
 * A password in a block of its own that does not show its length: two are compared as such.
 *
 * @throws {RangeError} if it is longer than 255 bytes.
 */
export function passwordBlock(password: string): Uint8Array {
  const bytes = new TextEncoder().encode(password);
  if (bytes.length > MAX_PASSWORD) throw new RangeError(`Cannot use a password of more than ${MAX_PASSWORD} bytes`);
  const block = new Uint8Array(BLOCK);
  block.set(bytes);
  block[MAX_PASSWORD] = bytes.length;
  return block;
}
