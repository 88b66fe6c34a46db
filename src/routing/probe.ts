/**
 * The probe: an empty message at the start of a connection, so that a ROUTER learns the peer's routing id before the
 * peer sends a message of its own (libzmq ZMQ_PROBE_ROUTER).
 *
 * @module
 */

import { flag } from "../base/checks.ts";
import type { Message } from "../base/message.ts";
import { option, type OptionGroup } from "../base/option.ts";
import { emptyFrame } from "../base/untransferable.ts";

/** Options of socket types that can send a probe to a ROUTER. */
export interface ProbeOptions {
  /**
   * If true, an empty message is sent at the start of each connection, so that a ROUTER learns the peer's routing id.
   * Default `false`.
   */
  readonly probeRouter?: boolean | undefined;
}

/** Definition of {@link ProbeOptions}. */
export const PROBE: OptionGroup<ProbeOptions> = {
  probeRouter: option(flag, false, "next connection", "PROBE_ROUTER"),
};

/** Creates a message of one empty frame. A new one each time, because the receiver may change it. */
export function emptyMessage(): Message {
  return [emptyFrame()];
}
