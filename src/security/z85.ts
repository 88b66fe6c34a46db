/**
 * Z85 (RFC 32), the text format of CURVE keys: four bytes as five printable characters. Errors report the position of
 * an invalid character, never the text, which may be a secret.
 *
 * @module
 */

import { viewOf } from "../base/bytes.ts";

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((character, value) => [character, value]));

const BASE = 85;
const BYTES = 4;
const CHARACTERS = 5;
const MAX_GROUP = 0xffff_ffff;

/**
 * Encodes bytes as Z85 (RFC 32): five characters per four bytes.
 *
 * @throws {RangeError} If the number of bytes is not a multiple of four.
 * @throws {TypeError} If the data is not bytes.
 *
 * @example
 * ```ts
 * import { encodeZ85 } from "@monocoque/zmq";
 *
 * const text = encodeZ85(new Uint8Array([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]));
 * if (text !== "HelloWorld") throw new Error("unexpected");
 * ```
 */
export function encodeZ85(data: Uint8Array): string {
  const bytes = viewOf(data);
  if (bytes === undefined) throw new TypeError(`Expected bytes for Z85, not ${typeof data}`);
  if (bytes.length % BYTES !== 0) {
    throw new RangeError(`Cannot write ${bytes.length} bytes in Z85: it takes a multiple of ${BYTES}`);
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += BYTES) {
    let rest = (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
    let group = "";
    for (let i = 0; i < CHARACTERS; i++) {
      group = ALPHABET[rest % BASE]! + group;
      rest = Math.floor(rest / BASE);
    }
    text += group;
  }
  return text;
}

/**
 * Decodes Z85 (RFC 32): four bytes per five characters.
 *
 * @throws {RangeError} If the length is not a multiple of five, or if there are characters or groups that are not valid
 * in Z85.
 * @throws {TypeError} If the text is not a string.
 *
 * @example
 * ```ts
 * import { decodeZ85 } from "@monocoque/zmq";
 *
 * if (decodeZ85("HelloWorld")[0] !== 0x86) throw new Error("unexpected");
 * ```
 */
export function decodeZ85(text: string): Uint8Array {
  if (typeof text !== "string") throw new TypeError(`Expected a Z85 text as a string, not ${typeof text}`);
  if (text.length % CHARACTERS !== 0) {
    throw new RangeError(`Cannot read ${text.length} characters as Z85: it takes a multiple of ${CHARACTERS}`);
  }
  const bytes = new Uint8Array(text.length / CHARACTERS * BYTES);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group * CHARACTERS < text.length; group++) {
    let sum = 0;
    for (let i = group * CHARACTERS; i < (group + 1) * CHARACTERS; i++) {
      const value = VALUES.get(text[i]!);
      if (value === undefined) throw new RangeError(`Cannot read character ${i + 1} as Z85`);
      sum = sum * BASE + value;
    }
    if (sum > MAX_GROUP) {
      const first = group * CHARACTERS + 1;
      throw new RangeError(
        `Cannot read characters ${first} to ${first + CHARACTERS - 1} as Z85: their value is too large`,
      );
    }
    view.setUint32(group * BYTES, sum);
  }
  return bytes;
}
