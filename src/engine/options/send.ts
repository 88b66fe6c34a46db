/**
 * Options of socket types that send.
 *
 * @module
 */

import { timeFrom, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup } from "../../base/option.ts";
import { unavailable } from "../option_checks.ts";

/** Options of socket types that send. */
export interface SendOptions {
  /** Maximum number of messages queued for one peer; 0 means no limit. A change applies immediately. Default 1000. */
  readonly sendHighWaterMark?: number | undefined;
  /**
   * Number of bytes queued for one peer at which its queue is full; 0 means no limit. The queue exceeds it by one message
   * at most. A change applies immediately. Default 0.
   */
  readonly sendHighWaterMarkBytes?: number | undefined;
  /** Timeout of `send()`, in ms, after which it fails with `EAGAIN`; −1 waits forever. Default −1. */
  readonly sendTimeout?: number | undefined;
}

/** An option of libzmq that no runtime supports; see `socket.ts`. */
const UNSUPPORTED = { sendBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, "never", "SNDBUF") };

/** Definition of {@link SendOptions}. */
export const SEND: OptionGroup<SendOptions> = {
  sendHighWaterMark: option(wholeNumber(0), 1000, "at once", "SNDHWM"),
  sendHighWaterMarkBytes: option(wholeNumber(0), 0, "at once"),
  sendTimeout: option(timeFrom(-1), -1, "next wait", "SNDTIMEO"),
  ...UNSUPPORTED,
};
