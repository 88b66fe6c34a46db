/**
 * Defines an attack: a flood from one hostile peer, and the socket that it targets. To add an attack, add a file to
 * `cases/` and a line to its list.
 *
 * @module
 */

/**
 * Which socket of the server is attacked, with its default options:
 *
 * - `router`: the one that answers the honest peer;
 * - `pull`, `pull-curve`: one whose messages are received and dropped; `pull-curve-limited`: with
 * `maxHandshakesPerSecond`; `pull-unread`: one that receives no message;
 * - `publisher`: one that publishes nothing; `publisher-busy`: one that publishes 10,000 messages of 1 KiB per second;
 * - `subscriber`: one that subscribes to `wanted`.
 */
export type Target =
  | "router"
  | "pull"
  | "pull-unread"
  | "pull-curve"
  | "pull-curve-limited"
  | "publisher"
  | "publisher-busy"
  | "subscriber";

/** The arguments of a flood. */
export interface Flood {
  /** Where the attacked socket is bound. */
  readonly endpoint: string;
  /** Aborted when the flood has lasted long enough. */
  readonly signal: AbortSignal;
  /** Counts what the hostile peer has sent. */
  count(operations: number): void;
}

/** A flood and its target. */
export interface Attack {
  readonly id: string;
  /** Its name in tables. */
  readonly title: string;
  /** The name of the counted operations: `PINGs`. */
  readonly unit: string;
  readonly target: Target;
  /** Floods until the signal is aborted; returns earlier if there is no more to do, with its connections open. */
  flood(flood: Flood): Promise<void>;
}

/** The figures of the honest peer and of the server during the flood. */
export interface Harm {
  /** Round trips of the honest peer, one at a time, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** Round trips per second of the honest peer, with 100 in flight. */
  readonly rate: number;
  /** The lag of a timer of 10 ms in the server, in ms. */
  readonly lagP99: number;
  readonly lagMax: number;
  /** Memory of the server at its most, in bytes, and by how much it grew. */
  readonly peak: number;
  readonly growth: number;
  /** Operations that the hostile peer sent, per second. */
  readonly flood: number;
}
