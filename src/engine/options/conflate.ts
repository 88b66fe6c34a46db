/**
 * Option to keep only the last message (`ZMQ_CONFLATE`).
 *
 * @module
 */

import { flag } from "../../base/checks.ts";
import { option, type OptionGroup } from "../../base/option.ts";

/** Options of socket types that can keep only the last message. */
export interface ConflateOptions {
  /**
   * If true, only the last message is kept per peer, both in the send queue and in the receive queue. Messages may have
   * several frames (libzmq: one). High-water marks are then ignored. A change applies to queues that are created later,
   * by `connect` or by an incoming connection. Default `false`.
   */
  readonly conflate?: boolean | undefined;
}

/** Definition of {@link ConflateOptions}. */
export const CONFLATE: OptionGroup<ConflateOptions> = {
  conflate: option(flag, false, "next connect", "CONFLATE"),
};
