/**
 * Connects to a peer under an assigned routing id, for the socket types whose messages are addressed to a peer.
 *
 * @module
 */

import { routingId as checkRoutingId } from "../engine/option_checks.ts";
import { ZmqError } from "../base/errors.ts";
import type { PeerIds } from "../routing/peer_ids.ts";
import type { EndpointOptions } from "../schemes/endpoint_options.ts";
import { coreOf, type Socket } from "./socket.ts";

/** Options of `connect` of {@linkcode Router} and {@linkcode Stream}. */
export interface PeerConnectOptions {
  /**
   * The routing id to assign to the peer: 1 to 255 bytes, the first not zero. Default null: the peer's own routing id,
   * or a generated one.
   */
  readonly routingId?: string | Uint8Array | null | undefined;
}

const OWN = ["routingId"];

/** Connects, with an assigned routing id if the options have one. */
export function connectAs(
  socket: Socket,
  peers: PeerIds,
  endpoint: string,
  options: PeerConnectOptions & EndpointOptions<"connect"> | undefined,
): void {
  // `connect` rejects options that are not an object.
  const asked = (options as PeerConnectOptions | null | undefined)?.routingId;
  const routingId = checkRoutingId("routingId", asked ?? null) ?? undefined;
  if (routingId !== undefined && peers.get(routingId) !== undefined) {
    throw new ZmqError("EADDRINUSE", "Cannot connect: another peer has this routing id; choose another id");
  }
  coreOf(socket).endpoints.connect(endpoint, options, OWN, routingId);
}
