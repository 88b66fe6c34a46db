/**
 * CURVE keys in the forms of the API: 40 characters of Z85, or 32 bytes.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";
import { KEY_SIZE } from "./curve_crypto.ts";
import { loadCurveCrypto } from "./load_curve_crypto.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";
import { refuseSurplus } from "../base/surplus.ts";

const TEXT_SIZE = 40;

/** A public key and the secret key that belongs to it, each as 40 characters of Z85. */
export interface CurveKeyPair {
  /** The public key. It may be distributed to anyone. */
  readonly publicKey: string;
  /** The secret key. Keep it private. */
  readonly secretKey: string;
}

/**
 * Returns a key as bytes, in its own memory.
 *
 * @param what The name of the key, for the error: no error message contains a key.
 * @throws {TypeError} If it is neither a string nor bytes.
 * @throws {RangeError} If it has the wrong length, or characters that are not in Z85.
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
 * Generates a new CURVE key pair.
 *
 * @throws {ZmqError} `ENOTSUP` if the package `libsodium-sumo` cannot be loaded.
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
  if (arguments.length > 0) refuseSurplus("curveKeyPair()", 0, arguments[0]);
  const crypto = await loadCurveCrypto();
  const secret = crypto.random(KEY_SIZE);
  const pair = { publicKey: encodeZ85(crypto.publicKey(secret)), secretKey: encodeZ85(secret) };
  secret.fill(0);
  return pair;
}

/**
 * Returns the public key of a secret key, as 40 characters of Z85.
 *
 * @param secretKey 40 characters of Z85, or 32 bytes.
 * @throws {RangeError} If it is not a valid key.
 * @throws {ZmqError} `ENOTSUP` if the package `libsodium-sumo` cannot be loaded.
 *
 * @example
 * ```ts
 * import { curvePublic } from "@monocoque/zmq";
 *
 * const publicKey = await curvePublic("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
 * console.log(publicKey); // rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7
 * ```
 */
export async function curvePublic(secretKey: string | Uint8Array): Promise<string> {
  const secret = readCurveKey(secretKey, "the secret key");
  const publicKey = encodeZ85((await loadCurveCrypto()).publicKey(secret));
  secret.fill(0);
  return publicKey;
}
