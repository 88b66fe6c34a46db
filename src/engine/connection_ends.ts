/**
 * Connections that end, and handshakes that fail: the errors and reasons of their events.
 *
 * @module
 */

import { isProtocolError, ZmqError } from "../base/errors.ts";
import { AuthError } from "../zmtp/auth_error.ts";
import { PeerRejection } from "../zmtp/peer_rejection.ts";
import { ProtocolError } from "../zmtp/protocol_error.ts";
import type { DisconnectReason, SocketEvent } from "./events.ts";

/** The reason why a connection ended after its handshake, by its error. */
export function lossReason(error: Error | undefined): DisconnectReason {
  if (error === undefined) return "peer";
  if (error instanceof PeerRejection) return "rejected";
  if (isProtocolError(error)) return "protocol";
  return error instanceof ZmqError && error.code === "ETIMEDOUT" ? "timeout" : "lost";
}

/**
 * The error of a handshake that the peer ended by closing the connection.
 *
 * @param advice Names the probable cause, after the text.
 */
export function closedInHandshake(advice = ""): ZmqError {
  return new ZmqError("ECONNRESET", `Cannot complete the handshake: the peer closed the connection${advice}`);
}

/** The event for a failed handshake. Its type depends on the cause: authentication, protocol, or the connection. */
export function handshakeError(endpoint: string, remote: string, error: Error | undefined): SocketEvent {
  if (error instanceof AuthError) {
    return { type: "handshake:error:auth", endpoint, remote, status: error.status, error };
  }
  if (isProtocolError(error)) {
    const rule = error instanceof ProtocolError ? error.rule : "UNSPECIFIED";
    return { type: "handshake:error:protocol", endpoint, remote, rule, error };
  }
  const reason = error ?? closedInHandshake();
  return { type: "handshake:error:other", endpoint, remote, error: reason };
}
