/**
 * Options of socket types that receive.
 *
 * @module
 */

import { flag, frameOrNull, timeFrom, wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup } from "../../base/option.ts";
import { unavailable } from "../option_checks.ts";

/** Options of socket types that receive. */
export interface ReceiveOptions {
  /**
   * Most messages held from one peer, which is no longer read then; 0 is no limit. Whatever it is, a program that receives as
   * fast as it can and is behind its peers holds at most about 65,536 in all, or 1000 per peer if that is more. A change
   * applies at once. Default 1000.
   */
  readonly receiveHighWaterMark?: number;
  /** Bytes held from one peer from which on it is no longer read; 0 is no limit. A change applies at once. Default 0. */
  readonly receiveHighWaterMarkBytes?: number;
  /**
   * Bytes of memory that may be taken by messages of peers that are gone, until they are received. While there are as many, no
   * new peer is accepted; none of these messages is dropped. What goes over the limit is at most what the peers that are
   * connected may leave behind. 0 is no limit. Default 256 MiB.
   */
  readonly maxLeftoverBytes?: number;
  /** How long `receive()` waits, in ms, before it fails with `EAGAIN`; −1 waits without end. Default −1. */
  readonly receiveTimeout?: number;
  /** Can only be −1: no runtime supports it. */
  readonly receiveBufferSize?: number;
  /** A one-frame message to receive when a connection that came in at a bound endpoint is lost; null is none. Default null. */
  readonly disconnectMessage?: string | Uint8Array | null;
  /** A one-frame message to receive when a connection made by `connect` is lost; null is none. Default null. */
  readonly hiccupMessage?: string | Uint8Array | null;
}

/** Default of `maxLeftoverBytes`: as much as one message may have by default. */
const DEFAULT_LEFTOVER_BYTES = 256 * 1024 * 1024;

/** {@link ReceiveOptions}, defined. */
export const RECEIVE: OptionGroup<ReceiveOptions> = {
  receiveHighWaterMark: option(wholeNumber(0), 1000, "at once", "RCVHWM"),
  receiveHighWaterMarkBytes: option(wholeNumber(0), 0, "at once"),
  maxLeftoverBytes: option(wholeNumber(0), DEFAULT_LEFTOVER_BYTES, "next connection"),
  receiveTimeout: option(timeFrom(-1), -1, "next wait", "RCVTIMEO"),
  receiveBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, "never", "RCVBUF"),
  disconnectMessage: option(frameOrNull, null, "next loss", "DISCONNECT_MSG"),
  hiccupMessage: option(frameOrNull, null, "next loss", "HICCUP_MSG"),
};

/** Options of socket types that receive messages out of larger buffers. */
export interface ZeroCopyOptions {
  /**
   * Whether received frames may be views of the buffer that they came in (some 64 KiB), which they keep alive: for programs
   * that keep small messages for long, `false` gives each frame memory of its own, at the price of a copy (docs/performance.md
   * has figures). Applies to what comes over connections made after a change; over inproc nothing is copied. Default `true`.
   */
  readonly zeroCopyReceive?: boolean;
}

/** {@link ZeroCopyOptions}, defined. */
export const ZERO_COPY: OptionGroup<ZeroCopyOptions> = {
  zeroCopyReceive: option(flag, true, "next connection", "ZERO_COPY_RECV"),
};
