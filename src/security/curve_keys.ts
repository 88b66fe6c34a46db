/**
 * CURVE keys as users hand them in and get them: 40 characters of Z85, or 32 bytes.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";
import { KEY_SIZE } from "./curve_crypto.ts";
import { loadCurveCrypto } from "./load_curve_crypto.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

const TEXT_SIZE = 40;

/** A public and a secret key that belong together, each as 40 characters of Z85. */
export interface CurveKeyPair {
  /** Everybody may know it. */
  readonly publicKey: string;
  /** Nobody else may know it. */
  readonly secretKey: string;
}

/**
 * A key as bytes, in memory of their own.
 *
 * @param what What the key is, for the error: the key itself is never in one.
 * @throws {TypeError} if it is neither a string nor bytes.
 * @throws {RangeError} if it has the wrong length, or characters that Z85 does not have.
 */
export function readCurveKey(key: string | Uint8Array, what: string): Uint8Array {
  const bytes = viewOf(key);
  if (bytes !== undefined) {
    if (bytes.length === KEY_SIZE) return bytes.slice();
    throw new RangeError(`Cannot use ${bytes.length} bytes as ${what}: a CURVE key has ${KEY_SIZE}`);
  }
  if (typeof key !== "string") {
    throw new TypeError(`Expected ${what} as a string of Z85 or a Uint8Array, not ${typeof key}`);
  }
  if (key.length !== TEXT_SIZE) {
    throw new RangeError(`Cannot use ${key.length} characters as ${what}: a CURVE key has ${TEXT_SIZE}, in Z85`);
  }
  try {
    return decodeZ85(key);
  } catch (error) {
    throw new RangeError(`Cannot use ${what}: ${(error as Error).message}`);
  }
}

/**
 * Makes a new pair of keys.
 *
 * @example
 * ```ts
 * import { curveKeyPair, curvePublic } from "@monocoque/zmq";
 *
 * const { publicKey, secretKey } = await curveKeyPair();
 * if (await curvePublic(secretKey) !== publicKey) throw new Error("unexpected");
 * ```
 */
export async function curveKeyPair(): Promise<CurveKeyPair> {
  const crypto = await loadCurveCrypto();
  const secret = crypto.random(KEY_SIZE);
  const pair = { publicKey: encodeZ85(crypto.publicKey(secret)), secretKey: encodeZ85(secret) };
  secret.fill(0);
  return pair;
}

/**
 * The public key that belongs to a secret one, as 40 characters of Z85.
 *
 * @param secretKey 40 characters of Z85, or 32 bytes.
 * @throws {RangeError} if it is not a key.
 */
export async function curvePublic(secretKey: string | Uint8Array): Promise<string> {
  const secret = readCurveKey(secretKey, "the secret key");
  const publicKey = encodeZ85((await loadCurveCrypto()).publicKey(secret));
  secret.fill(0);
  return publicKey;
}
