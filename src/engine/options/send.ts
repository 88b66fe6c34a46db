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
  /** Most messages queued for one peer; 0 is no limit. A change applies at once. Default 1000. */
  readonly sendHighWaterMark?: number;
  /**
   * Bytes queued for one peer from which on nothing more is queued; 0 is no limit. What goes over the mark is at most one
   * message. A change applies at once. Default 0.
   */
  readonly sendHighWaterMarkBytes?: number;
  /** How long `send()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly sendTimeout?: number;
  /** Can only be −1: no runtime supports it. */
  readonly sendBufferSize?: number;
}

/** {@link SendOptions}, defined. */
export const SEND: OptionGroup<SendOptions> = {
  sendHighWaterMark: option(wholeNumber(0), 1000, "at once", "SNDHWM"),
  sendHighWaterMarkBytes: option(wholeNumber(0), 0, "at once"),
  sendTimeout: option(timeFrom(-1), -1, "next wait", "SNDTIMEO"),
  sendBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, "never", "SNDBUF"),
};
