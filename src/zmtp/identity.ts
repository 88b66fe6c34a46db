/**
 * Routing ids as peers choose them for themselves (RFC 37 §2.5, "Identity").
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";

/** Longest routing id, in bytes. */
export const MAX_IDENTITY = 255;

/**
 * A routing id that a peer told, if it may have it.
 *
 * @throws {ProtocolError} if it is too long, or begins like those that a ROUTER makes up itself.
 */
export function checkIdentity(identity: Uint8Array): Uint8Array {
  if (identity.length > MAX_IDENTITY) throw identityTooLong();
  if (identity.length > 0 && identity[0] === 0) {
    throw new ProtocolError("EPROTO", "INVALID_METADATA", "The peer's routing id starts with a zero byte");
  }
  return identity;
}

/** For where the length is known before the routing id. */
export function identityTooLong(): ProtocolError {
  return new ProtocolError("EPROTO", "INVALID_METADATA", "The peer's routing id is longer than 255 bytes");
}
