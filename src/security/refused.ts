/**
 * ERROR, the command with which a peer rejects a handshake (RFC 37 §3; libzmq mechanism.cpp).
 *
 * @module
 */

import { peerText } from "../base/peer_text.ts";
import { AuthError, authStatus } from "../zmtp/auth_error.ts";
import { parseErrorReason } from "../zmtp/command.ts";
import { PeerRejection } from "../zmtp/peer_rejection.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";

/**
 * Returns the error for the data of an ERROR command.
 *
 * @throws {ProtocolError} If the data is malformed.
 */
export function refusedBy(data: Uint8Array): Error {
  const reason = peerText(parseErrorReason(data));
  const status = authStatus(reason);
  if (status !== undefined) return new AuthError(status);
  return new PeerRejection("The peer refused the handshake", reason);
}

/** The error for a command that was not expected. */
export function unexpected(name: string, expected: string): ProtocolError {
  const what = name === "" ? "a command without a name" : peerText(name);
  return new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", `The peer sent ${what} where ${expected} was expected`);
}
