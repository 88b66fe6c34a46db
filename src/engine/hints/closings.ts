/**
 * Counts the connections that a peer closes soon after the handshake, in a row, by endpoint. libzmq does not say why it closes
 * one, such as for a message that is too large.
 *
 * @module
 */

import type { DisconnectReason } from "../events.ts";

/** Number of such connections in a row that is not normal. */
const IN_A_ROW = 3;

/** The connections to one endpoint. */
interface Closed {
  /** When the handshake of the last one was complete. */
  since: number;
  count: number;
  /** Number of retries since then: with two of them, the peer was away, as if it had restarted. */
  retries: number;
}

/** The connections that peers closed, by endpoint. */
export class Closings {
  readonly #closed = new Map<string, Closed>();
  readonly #soon: number;
  readonly #most: number;

  /**
   * @param soon Time in ms after the handshake within which a connection must not end.
   * @param most Maximum number of endpoints that are watched.
   */
  constructor(soon: number, most: number) {
    this.#soon = soon;
    this.#most = most;
  }

  /** A handshake is complete. */
  opened(endpoint: string, now: number): void {
    const closed = this.#closed.get(endpoint);
    if (closed !== undefined) [closed.since, closed.retries] = [now, 0];
    else if (this.#closed.size < this.#most) this.#closed.set(endpoint, { since: now, count: 0, retries: 0 });
  }

  /** Another attempt follows. */
  retries(endpoint: string): void {
    const closed = this.#closed.get(endpoint);
    if (closed !== undefined && ++closed.retries > 1) closed.count = 0;
  }

  /** A connection ended; returns true if too many have in a row, and forgets them. */
  ended(endpoint: string, reason: DisconnectReason, now: number): boolean {
    const closed = this.#closed.get(endpoint);
    if (closed === undefined) return false;
    // The peer may have closed it for what was sent with the end of the handshake: such a connection counts for nothing.
    if (reason === "handshake") {
      closed.retries = 0;
      return false;
    }
    const early = now < closed.since + this.#soon;
    closed.count = early && (reason === "peer" || reason === "lost") ? closed.count + 1 : 0;
    return closed.count >= IN_A_ROW && this.#closed.delete(endpoint);
  }

  /** The program ended the connection to an endpoint. */
  forget(endpoint: string): void {
    this.#closed.delete(endpoint);
  }
}
