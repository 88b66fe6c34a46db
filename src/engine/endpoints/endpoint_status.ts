/**
 * The endpoints of a socket as programs see them: snapshots of what is bound and what is connected.
 *
 * @module
 */

import type { PeerStatistics } from "../statistics.ts";

/**
 * The state of an endpoint.
 *
 * `bind`:
 * - `binding`: `bind()` was called, and its promise is pending.
 * - `bound`: the socket accepts connections.
 *
 * `connect`:
 * - `connecting`: an attempt is in progress.
 * - `handshake`: there is a connection, and its peer is not known yet.
 * - `connected`: the handshake is complete.
 * - `waiting`: the last attempt failed, or the connection was lost; the next attempt starts at `nextAttempt`.
 * - `closing`: `disconnect()` or `close()` was called, and queued messages are still sent.
 */
export type EndpointState =
  | "binding"
  | "bound"
  | "connecting"
  | "handshake"
  | "connected"
  | "waiting"
  | "closing";

/** Why an endpoint has no peer, or lost one. */
export interface EndpointFailure {
  readonly endpoint: string;
  readonly error: Error;
  /** Its date. */
  readonly time: number;
}

/** An endpoint of a socket at the time of the call. Times are in ms since 1970, as returned by `Date.now()`. */
export interface EndpointStatus {
  /** The endpoint in canonical form, with the actual port once it is bound. */
  readonly endpoint: string;
  /** The method that it was passed to. */
  readonly kind: "bind" | "connect";
  /** Its state. */
  readonly state: EndpointState;
  /** Start time of the state. */
  readonly since: number;
  /** `connect`: attempts since `connect()`. `bind`: 0. */
  readonly attempts: number;
  /** `waiting`: time of the next attempt. */
  readonly nextAttempt: number | undefined;
  /**
   * The last error, also if a later attempt succeeded. `connect`: of an attempt, a handshake or a lost connection.
   * `bind`: of a connection that was accepted, for example of a peer that was rejected.
   */
  readonly lastError: Error | undefined;
  /** Time of the last error. */
  readonly lastErrorTime: number | undefined;
  /** `connect`: the peer, while `state` is `connected`. */
  readonly peer: PeerStatistics | undefined;
  /** Number of connected peers: 0 or 1 for `connect`. */
  readonly peers: number;
}
