/**
 * The history of a connected endpoint: for the statistics, and for the decision how soon to try again.
 *
 * @module
 */

import { wallTime } from "../../base/clock.ts";

/** The outcome of the attempts to connect to one endpoint. Dates are in ms since 1970. */
export class AttemptRecord {
  /** The number of attempts. */
  attempts = 0;
  /** The date at which the current state was entered. */
  since: number = wallTime();
  /** The date of the next attempt, while the dialer waits for it. */
  nextAttempt: number | undefined;
  /** The error of the last attempt or connection that had one. */
  lastError: Error | undefined;
  /** Its date. */
  lastErrorTime = 0;
  /** The date of the last complete handshake. */
  lastConnected = 0;
  /** The time of the last complete handshake, by the clock of the socket. */
  handshakeTime = 0;
  /** The call by which the endpoint was taken out of use. */
  ending: "close" | "disconnect" | undefined;

  /** An attempt failed, or a connection was lost. */
  failed(error: Error): void {
    this.lastError = error;
    this.lastErrorTime = wallTime();
  }

  /** A handshake is complete. */
  succeeded(): void {
    this.entered();
    this.lastConnected = this.since;
  }

  /** Another state begins. */
  entered(): void {
    this.since = wallTime();
    this.nextAttempt = undefined;
  }

  /** The next attempt follows after this many ms. */
  waits(interval: number): void {
    this.entered();
    this.nextAttempt = this.since + interval;
  }
}
