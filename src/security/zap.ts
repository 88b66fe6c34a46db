/**
 * Requests to an authenticator and its replies, in the terms of ZAP (RFC 27). The authenticator may be a function of
 * the program or a ZAP handler at `inproc://zeromq.zap.01`.
 *
 * @module
 */

import { toBytes } from "../base/message.ts";
import type { AuthStatus } from "../zmtp/auth_error.ts";
import type { Metadata } from "../zmtp/metadata.ts";

/** A peer that asks for access, as an authenticator sees it (RFC 27). */
export interface ZapRequest {
  /** The ZAP domain of the socket; empty if it has none. */
  readonly domain: string;
  /** The peer's IP address, as reported by the transport; empty if it does not report one. */
  readonly address: string;
  /** The routing id of the socket that asks, not the peer's, as in libzmq. */
  readonly identity: Uint8Array;
  /** `NULL`, `PLAIN` or `CURVE`. */
  readonly mechanism: string;
  /** NULL: none. PLAIN: user name and password. CURVE: the peer's public key, 32 bytes. */
  readonly credentials: readonly Uint8Array[];
}

/** The reply to a {@link ZapRequest}. */
export interface ZapVerdict {
  /**
   * 200 accepts the peer. 300 is a temporary failure, which is not reported to the peer. 400 rejects the peer. 500
   * reports an error of the authenticator.
   */
  readonly status: 200 | AuthStatus;
  /** The reason, for local events and logs. It is not sent to the peer. */
  readonly text: string;
  /** The user id, which becomes `User-Id` in the peer's metadata; bytes if it is not valid UTF-8, empty for none. */
  readonly userId: string | Uint8Array;
  /** Additional metadata for the peer, with names in lower case. */
  readonly metadata: Metadata;
}

/** Decides if a peer is accepted. After `over` is aborted, the reply is ignored. */
export type Authenticate = (request: ZapRequest, over: AbortSignal) => ZapVerdict | Promise<ZapVerdict>;

/** The authenticator of a connection, and the parts of the request that are known in advance. */
export interface PeerCheck {
  /** The authenticator. */
  readonly authenticate: Authenticate;
  /** `domain` of the request. */
  readonly domain: string;
  /** `address` of the request. */
  readonly address: string;
  /** `identity` of the request. */
  readonly identity: Uint8Array;
}

const USER_ID = "user-id";
/** Properties that only the peer itself can set, because routing depends on them. */
const OWN: readonly string[] = ["identity", "socket-type"];

/**
 * Returns the metadata of an authorized peer: what the authenticator sets takes precedence over what the peer sent, and
 * only the authenticator can set the user id.
 */
export function authorizedMetadata(claimed: Metadata, verdict: ZapVerdict | undefined): Metadata {
  if (verdict === undefined && !claimed.has(USER_ID)) return claimed;
  const metadata = new Map(claimed);
  metadata.delete(USER_ID);
  for (const [name, value] of verdict?.metadata ?? []) if (!OWN.includes(name)) metadata.set(name, value);
  const userId = toBytes(verdict?.userId ?? "");
  if (userId.length > 0) metadata.set(USER_ID, userId);
  return metadata;
}
