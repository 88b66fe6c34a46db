/**
 * CURVE's cryptography without chance: a handshake that was recorded once can be played again, to the byte.
 *
 * @module
 */

import type { CurveCrypto } from "../../src/security/curve_crypto.ts";
import { loadCurveCrypto } from "../../src/security/load_curve_crypto.ts";

/** The real cryptography. */
export const crypto: CurveCrypto = await loadCurveCrypto();

/** The same with "random" bytes that depend only on the number of bytes drawn before. */
export function fixedCrypto(): CurveCrypto {
  let next = 1;
  return {
    random: (length) => Uint8Array.from({ length }, () => next = next * 73 % 65_537) as Uint8Array,
    publicKey: (secretKey) => crypto.publicKey(secretKey),
    sharedKey: (publicKey, secretKey) => crypto.sharedKey(publicKey, secretKey),
    seal: (key, nonce, plain) => crypto.seal(key, nonce, plain),
    open: (key, nonce, box) => crypto.open(key, nonce, box),
    line: (key, noncePrefix) => crypto.line(key, noncePrefix),
  };
}
