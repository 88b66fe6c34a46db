/**
 * The probe: an empty message at the begin of a connection, so that a ROUTER learns who is there before it is asked anything
 * (libzmq ZMQ_PROBE_ROUTER).
 *
 * @module
 */

import type { Message } from "../message.ts";

/** What a user may choose. */
export interface ProbeChoice {
  /** Whether each new connection begins with an empty message. */
  readonly probeRouter: boolean;
}

/** A message of one empty frame. Whoever gets it may change it, so each is a new one. */
export function emptyMessage(): Message {
  return [new Uint8Array(0)];
}
