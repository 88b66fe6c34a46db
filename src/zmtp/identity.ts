/**
 * Routing ids that peers choose for themselves (RFC 37 §2.5, "Identity").
 *
 * @module
 */

import { ProtocolError } from "./protocol_error.ts";

/** Maximum length of a routing id, in bytes. */
export const MAX_IDENTITY = 255;

/**
 * Checks a routing id that a peer sent, and returns it.
 *
 * @throws {ProtocolError} If it is longer than 255 bytes, or starts with a zero byte like the ids that a ROUTER
 * generates.
 */
export function checkIdentity(identity: Uint8Array): Uint8Array {
  if (identity.length > MAX_IDENTITY) throw identityTooLong();
  if (identity.length > 0 && identity[0] === 0) {
    throw new ProtocolError("EPROTO", "INVALID_METADATA", "The peer's routing id starts with a zero byte");
  }
  return identity;
}

/** The error for a routing id that is too long. */
export function identityTooLong(): ProtocolError {
  return new ProtocolError("EPROTO", "INVALID_METADATA", "The peer's routing id is longer than 255 bytes");
}
