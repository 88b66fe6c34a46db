/**
 * The probe: an empty message at the begin of a connection, so that a ROUTER learns who is there before it is asked anything
 * (libzmq ZMQ_PROBE_ROUTER).
 *
 * @module
 */

import { flag } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
import { option, type OptionGroup } from "../base/option.ts";

/** Options of socket types that can introduce themselves to a ROUTER. */
export interface ProbeOptions {
  /** Whether each new connection begins with an empty message, which tells a ROUTER who is there. Default `false`. */
  readonly probeRouter?: boolean;
}

/** {@link ProbeOptions}, defined. */
export const PROBE: OptionGroup<ProbeOptions> = {
  probeRouter: option(flag, false, "next connection", "PROBE_ROUTER"),
};

/** A message of one empty frame. Whoever gets it may change it, so each is a new one. */
export function emptyMessage(): Message {
  return [new Uint8Array(0)];
}
