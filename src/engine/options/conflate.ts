/**
 * Keeping just the last message.
 *
 * @module
 */

import { flag } from "../../base/checks.ts";
import { option, type OptionGroup } from "../../base/option.ts";

/** Options of socket types that can keep just the last message. */
export interface ConflateOptions {
  /**
   * Whether only the last message is kept: for each peer to send to, and from each peer to receive from. Messages may have
   * several frames (libzmq: one). High-water marks do not count then. A change applies to the queues that are made after it: with
   * `connect`, or with a connection that comes in. Default `false`.
   */
  readonly conflate?: boolean;
}

/** {@link ConflateOptions}, defined. */
export const CONFLATE: OptionGroup<ConflateOptions> = {
  conflate: option(flag, false, "next connect", "CONFLATE"),
};
