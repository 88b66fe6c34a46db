/**
 * The limits for which connections that came in are closed.
 *
 * @module
 */

/** A limit for which a connection that came in is closed, by the name of its option. */
export type ConnectionLimit =
  | "maxConnections"
  | "maxConnectionsPerAddress"
  | "maxHandshakesPerSecond"
  | "maxHandshakes"
  | "maxLeftoverBytes";

/** The number of incoming connections that were closed because of a limit, by the limit. */
export type Refusals = Readonly<Record<ConnectionLimit, number>>;
