/**
 * Connecting to a peer under a routing id that this side chooses: for the socket types whose messages name their peer.
 *
 * @module
 */

import { routingId as checkRoutingId } from "../engine/option_checks.ts";
import { ZmqError } from "../base/errors.ts";
import type { PeerIds } from "../routing/peer_ids.ts";
import { coreOf, type Socket } from "./socket.ts";

/** Options of `connect` of {@linkcode Router} and {@linkcode Stream}. */
export interface PeerConnectOptions {
  /** The routing id to know the peer by: 1 to 255 bytes, the first not zero. Default: its own, or a made-up one. */
  readonly routingId?: string | Uint8Array | null;
}

/** Connects, with a routing id if there is one. */
export function connectAs(
  socket: Socket,
  peers: PeerIds,
  endpoint: string,
  options: PeerConnectOptions | undefined,
): void {
  const routingId = checkRoutingId("routingId", options?.routingId ?? null) ?? undefined;
  if (routingId !== undefined && peers.get(routingId) !== undefined) {
    throw new ZmqError("EADDRINUSE", "Cannot connect: another peer has this routing id");
  }
  coreOf(socket).connect(endpoint, { routingId });
}
