/**
 * The 64-byte ZMTP 3.x greeting (RFC 37 §2.1): signature, version, mechanism, as-server. When which part of it goes out is
 * the matter of `greeting_exchange.ts`.
 *
 * @module
 */

/** Length of the greeting, in bytes. */
export const GREETING_SIZE = 64;

/** Its beginning, by which peers of every version know each other. */
export const SIGNATURE_SIZE = 10;

/** Where the version is; the minor one follows. */
export const MAJOR_AT = 10;

const MECHANISM_AT = 12;
const MECHANISM_SIZE = 20;
const AS_SERVER_AT = 32;

/** What the peer's greeting says. */
export interface Greeting {
  /** Major version: 3 or above. */
  readonly major: number;
  /** Minor version: 0 for ZMTP 3.0, 1 and above for 3.1. */
  readonly minor: number;
  /** Security mechanism, such as `NULL`. */
  readonly mechanism: string;
  /** What the peer says of its role; libzmq always says `false`. */
  readonly asServer: boolean;
}

/**
 * Our greeting: version 3.1 with this mechanism. To a ZMTP 1.0 peer its signature is the header of a frame with our routing
 * id, so that one's length is in it.
 */
export function encodeGreeting(mechanism: string, asServer: boolean, identityLength = 0): Uint8Array {
  const bytes = new Uint8Array(GREETING_SIZE);
  bytes[0] = 0xff;
  bytes[7] = (identityLength + 1) >>> 8;
  bytes[8] = identityLength + 1;
  bytes[9] = 0x7f;
  bytes[MAJOR_AT] = 3;
  bytes[MAJOR_AT + 1] = 1;
  for (let i = 0; i < mechanism.length; i++) bytes[MECHANISM_AT + i] = mechanism.charCodeAt(i);
  bytes[AS_SERVER_AT] = asServer ? 1 : 0;
  return bytes;
}

/** Reads the 64 bytes of a ZMTP 3 peer. */
export function parseGreeting(bytes: Uint8Array): Greeting {
  return {
    major: bytes[MAJOR_AT]!,
    minor: bytes[MAJOR_AT + 1]!,
    mechanism: readMechanism(bytes.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_SIZE)),
    asServer: (bytes[AS_SERVER_AT]! & 1) === 1,
  };
}

/** The mechanism's name; bytes after its first NUL stay part of it, so that only a NUL-padded name can match. */
function readMechanism(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  let name = "";
  for (let i = 0; i < end; i++) name += String.fromCharCode(bytes[i]!);
  return name;
}
