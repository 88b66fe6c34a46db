/**
 * The limits because of which incoming connections are closed.
 *
 * @module
 */

/** A limit because of which an incoming connection is closed, by the name of its option. */
export type ConnectionLimit =
  | "maxConnections"
  | "maxConnectionsPerAddress"
  | "maxHandshakesPerSecond"
  | "maxHandshakes"
  | "maxLeftoverBytes";

/** The number of incoming connections that were closed because of a limit, by the limit. */
export type Refusals = Readonly<Record<ConnectionLimit, number>>;
