/**
 * Comparison of secrets.
 *
 * @module
 */

/** Whether two keys or passwords are the same, in a time that depends on nothing but the length of the first. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  // Beyond the end of a typed array there is `undefined`, which counts as zero here.
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
