/**
 * The 64-byte ZMTP 3.x greeting (RFC 37 §2.1): signature, version, mechanism, as-server. `greeting_exchange.ts` decides
 * when each part is sent.
 *
 * @module
 */

/** Length of the greeting, in bytes. */
export const GREETING_SIZE = 64;

/** Length of the signature, by which peers of all versions recognize each other. */
export const SIGNATURE_SIZE = 10;

/** Offset of the major version; the minor version follows. */
export const MAJOR_AT = 10;

const MECHANISM_AT = 12;
const MECHANISM_SIZE = 20;
const AS_SERVER_AT = 32;

/** A parsed greeting. */
export interface Greeting {
  /** Major version: 3 or above. */
  readonly major: number;
  /** Minor version: 0 for ZMTP 3.0, 1 and above for 3.1. */
  readonly minor: number;
  /** Security mechanism, such as `NULL`. */
  readonly mechanism: string;
  /** The peer's role in the mechanism; libzmq always sends `false`. */
  readonly asServer: boolean;
}

/**
 * Encodes a greeting of version 3.1 with this mechanism. A ZMTP 1.0 peer reads the signature as the header of a frame
 * with our routing id, so the signature contains the length of the routing id.
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

/** Parses the 64 bytes of a ZMTP 3 peer. */
export function parseGreeting(bytes: Uint8Array): Greeting {
  return {
    major: bytes[MAJOR_AT]!,
    minor: bytes[MAJOR_AT + 1]!,
    mechanism: readMechanism(bytes.subarray(MECHANISM_AT, MECHANISM_AT + MECHANISM_SIZE)),
    asServer: (bytes[AS_SERVER_AT]! & 1) === 1,
  };
}

/** Returns the mechanism's name. Bytes after the first NUL are kept, so that only a name padded with NULs can match. */
function readMechanism(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  let name = "";
  for (let i = 0; i < end; i++) name += String.fromCharCode(bytes[i]!);
  return name;
}
