/**
 * Comparison of secrets in constant time.
 *
 * @module
 */

/** Maximum length of a PLAIN password, in bytes. */
const MAX_PASSWORD = 255;
const BLOCK = MAX_PASSWORD + 1;

/** Compares two secrets. The length is not secret; the time does not depend on the position of a difference. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/**
 * Returns a password in a block of fixed size, so that comparing two blocks does not reveal the length.
 *
 * @throws {RangeError} If the password is longer than 255 bytes.
 */
export function passwordBlock(password: string): Uint8Array {
  const bytes = new TextEncoder().encode(password);
  if (bytes.length > MAX_PASSWORD) throw new RangeError(`Cannot use a password of more than ${MAX_PASSWORD} bytes`);
  const block = new Uint8Array(BLOCK);
  block.set(bytes);
  block[MAX_PASSWORD] = bytes.length;
  return block;
}
