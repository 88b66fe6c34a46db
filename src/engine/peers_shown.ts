/**
 * Peers as the statistics show them, and the selection of connections by one of those, by a routing id, or by a
 * function.
 *
 * @module
 */

import { toKey, toText } from "../base/message.ts";
import type { PeerInfo } from "../zmtp/peer_info.ts";
import { addressOf } from "./peer_address.ts";
import type { Connection } from "./connection/contract.ts";
import type { PeerPipe } from "./pipe/pipe.ts";
import type { PeerStatistics } from "./statistics.ts";

/** Selects peers. */
export type PeerChoice = PeerStatistics | Uint8Array | ((peer: PeerStatistics) => boolean);

/** A peer after its handshake, apart from its queues. */
export interface PeerSeen {
  /** The peer as it introduced itself; `undefined` if its protocol has no introduction. */
  readonly peer: PeerInfo | undefined;
  readonly mechanism: PeerStatistics["mechanism"];
  readonly since: number;
  readonly reconnects: number;
}

/** The peers of one socket that were shown. */
export class PeersShown {
  readonly #connections = new WeakMap<PeerStatistics, Connection>();

  /** Shows a peer as it is now. */
  show(connection: Connection, pipe: PeerPipe, seen: PeerSeen): PeerStatistics {
    const { endpoint, remote } = connection;
    const { peer, mechanism, since, reconnects } = seen;
    const userId = peer?.metadata.get("user-id");
    const shown: PeerStatistics = {
      endpoint,
      remote,
      address: addressOf(remote),
      userId: userId && toText(userId),
      peerType: peer?.socketType ?? "",
      version: peer?.version ?? "",
      routingId: (pipe.routingId.length > 0 ? pipe.routingId : pipe.identity).slice(),
      ignored: pipe.ignored,
      metadata: peer?.metadata ?? new Map(),
      mechanism,
      since,
      reconnects,
      queued: pipe.outbox.messages,
      queuedBytes: pipe.outbox.bytes,
      held: pipe.inbox.length,
      heldBytes: pipe.inbox.messageBytes(),
      ...pipe.counters.snapshot(),
    };
    this.#connections.set(shown, connection);
    return shown;
  }

  /**
   * Returns the selected connections of connected peers.
   *
   * @throws {TypeError} If it is a peer that was never shown here.
   */
  choose(which: PeerChoice, connected: () => readonly PeerStatistics[]): Connection[] {
    if (typeof which === "object" && !(which instanceof Uint8Array)) {
      const connection = this.#connections.get(which);
      if (connection !== undefined) return [connection];
      throw new TypeError("The peer must be from statistics().peers of this socket, a routing id, or a function");
    }
    const key = typeof which === "function" ? "" : toKey(which);
    const accepts = typeof which === "function"
      ? (peer: PeerStatistics) => which(peer)
      : ({ routingId }: PeerStatistics) => toKey(routingId) === key;
    return connected().filter(accepts).map((peer) => this.#connections.get(peer)!);
  }
}
