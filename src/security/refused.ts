/**
 * ERROR, the command by which a peer refuses a handshake (RFC 37 §3; libzmq mechanism.cpp).
 *
 * @module
 */

import { peerText } from "../base/peer_text.ts";
import { AuthError, authStatus } from "../zmtp/auth_error.ts";
import { parseErrorReason } from "../zmtp/command.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";

/**
 * What an ERROR command says.
 *
 * @throws {ProtocolError} if its data cannot be taken apart.
 */
export function refusedBy(data: Uint8Array): Error {
  const reason = peerText(parseErrorReason(data));
  const status = authStatus(reason);
  if (status !== undefined) return new AuthError(status);
  return new ProtocolError("EPROTO", "UNSPECIFIED", `The peer refused the handshake: ${reason}`);
}

/** A command where another one has its place. */
export function unexpected(name: string, expected: string): ProtocolError {
  const what = name === "" ? "a command without a name" : peerText(name);
  return new ProtocolError("EPROTO", "UNEXPECTED_COMMAND", `The peer sent ${what} where ${expected} was expected`);
}
