/**
 * The statistics of a socket, as programs see them.
 *
 * @module
 */

import type { Metadata } from "../zmtp/metadata.ts";
import type { Refusals } from "./refusals.ts";
import type { Counters } from "./counters.ts";

/** Counts of messages and bytes. */
export interface QueueStatistics extends Counters {
  /** Messages that wait to be sent. */
  readonly queued: number;
  /** Messages that wait to be received. */
  readonly held: number;
  /** The number of reconnects of connections made by `connect`. */
  readonly reconnects: number;
}

/**
 * A connected peer, with its traffic: since `connect` where the socket type queues messages ahead, otherwise since the
 * connection was established.
 */
export interface PeerStatistics extends QueueStatistics {
  /** The endpoint that was bound or connected. */
  readonly endpoint: string;
  /** The address of the peer. */
  readonly remote: string;
  /** Its IP address, without the port; empty where there is none: ipc, inproc. */
  readonly address: string;
  /** Its identity, as returned by the authenticator; `undefined` if there is none. */
  readonly userId: string | undefined;
  /** Its socket type; empty if its protocol does not send one. */
  readonly peerType: string;
  /** The version of ZMTP that is spoken; `ZWS2.0` over whole frames, `inproc` in this process, empty for a `Stream`. */
  readonly version: string;
  /** The routing id by which it is known; empty if it has none. */
  readonly routingId: Uint8Array;
  /**
   * True if another connected peer has its routing id: then a `Router` drops the messages of this peer, and sends it
   * none.
   */
  readonly ignored: boolean;
  /** The metadata of its handshake; names are in lower case. */
  readonly metadata: Metadata;
  /** The security mechanism of its connection, as in `securityMechanism`; null for NULL, and over `inproc://`. */
  readonly mechanism: "plain" | "curve" | null;
  /** The time at which its handshake was complete, in ms since 1970. */
  readonly since: number;
  /** Bytes of the messages that wait to be sent. */
  readonly queuedBytes: number;
  /** Bytes of the messages that wait to be received. */
  readonly heldBytes: number;
}

/** The traffic of a socket since it was created. */
export interface SocketStatistics extends QueueStatistics {
  /** Incoming connections that were closed because of a limit; the sum of `refusals`. */
  readonly refused: number;
  /** The same by the limit, such as `maxConnections` or `maxHandshakesPerSecond`. */
  readonly refusals: Refusals;
  /** The peers that are connected. */
  readonly peers: readonly PeerStatistics[];
}
