/**
 * Who may join: what an authenticator is asked and what it answers, in the terms of ZAP (RFC 27). Whether it is a function of
 * the program or a ZAP handler behind `inproc://zeromq.zap.01` is not known here.
 *
 * @module
 */

import { toBytes } from "../base/message.ts";
import type { AuthStatus } from "../zmtp/auth_error.ts";
import type { Metadata } from "../zmtp/metadata.ts";

/** What is known of a peer that wants to join. */
export interface ZapRequest {
  /** The ZAP domain of the socket; empty if it has none. */
  readonly domain: string;
  /** Where the peer is, as far as the transport tells. */
  readonly address: string;
  /** The routing id of the socket that asks, as libzmq has it, not the peer's. */
  readonly identity: Uint8Array;
  /** `NULL`, `PLAIN` or `CURVE`. */
  readonly mechanism: string;
  /** NULL: nothing. PLAIN: user name and password. CURVE: the peer's public key, 32 bytes. */
  readonly credentials: readonly Uint8Array[];
}

/** What a {@link ZapRequest} is answered. */
export interface ZapVerdict {
  /** 200 lets the peer in. 300: not now, it hears nothing. 400: not at all. 500: the authenticator has failed. */
  readonly status: 200 | AuthStatus;
  /** Why, in words; the peer is not told. */
  readonly text: string;
  /** Who the peer is: `User-Id` of its metadata; as it came, where it is not text. Empty if there is nothing to say. */
  readonly userId: string | Uint8Array;
  /** More of its metadata; names are in lower case. */
  readonly metadata: Metadata;
}

/** Decides whether a peer may join. When `over` is aborted, nobody waits for the answer any more. */
export type Authenticate = (request: ZapRequest, over: AbortSignal) => ZapVerdict | Promise<ZapVerdict>;

/** How a connection asks. */
export interface PeerCheck {
  /** Whom. */
  readonly authenticate: Authenticate;
  /** `domain` of the request. */
  readonly domain: string;
  /** `address` of the request. */
  readonly address: string;
  /** `identity` of the request. */
  readonly identity: Uint8Array;
}

const USER_ID = "user-id";
/** What only the peer itself can say: by these it is known to routing. */
const OWN: readonly string[] = ["identity", "socket-type"];

/**
 * The metadata of a peer: what the authenticator says goes before what the peer told, and only the authenticator can say
 * who it is.
 */
export function admittedMetadata(told: Metadata, verdict: ZapVerdict | undefined): Metadata {
  if (verdict === undefined && !told.has(USER_ID)) return told;
  const metadata = new Map(told);
  metadata.delete(USER_ID);
  for (const [name, value] of verdict?.metadata ?? []) if (!OWN.includes(name)) metadata.set(name, value);
  const userId = toBytes(verdict?.userId ?? "");
  if (userId.length > 0) metadata.set(USER_ID, userId);
  return metadata;
}
