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
   * Maximum number of messages queued from one peer; at the limit, reading from that peer stops. 0 means no limit. A
   * program that receives as fast as it can, but slower than its peers send, queues at most about 65,536 messages in
   * all, or 1000 per peer if that is more, even without a limit. A change applies immediately. Default 1000.
   */
  readonly receiveHighWaterMark?: number | undefined;
  /**
   * Number of bytes queued from one peer at which reading from that peer stops; 0 means no limit. A change applies
   * immediately. Default 0.
   */
  readonly receiveHighWaterMarkBytes?: number | undefined;
  /**
   * Maximum number of bytes of memory for received messages of disconnected peers. At the limit no new peer is accepted
   * until some of these messages are received; none of them is dropped. The limit can be exceeded by what the peers
   * that are connected at that moment have queued. 0 means no limit. Default 256 MiB.
   */
  readonly maxLeftoverBytes?: number | undefined;
  /** Timeout of `receive()`, in ms, after which it fails with `EAGAIN`; −1 waits forever. Default −1. */
  readonly receiveTimeout?: number | undefined;
  /**
   * A one-frame message that is received when a connection accepted by a bound endpoint is lost; null for none. Default
   * null.
   */
  readonly disconnectMessage?: string | Uint8Array | null | undefined;
  /** A one-frame message that is received when a connection made by `connect` is lost; null for none. Default null. */
  readonly hiccupMessage?: string | Uint8Array | null | undefined;
}

/** Default of `maxLeftoverBytes`: the default maximum size of one message. */
const DEFAULT_LEFTOVER_BYTES = 256 * 1024 * 1024;

/** An option of libzmq that no runtime supports; see `socket.ts`. */
const UNSUPPORTED = { receiveBufferSize: option(unavailable(-1, wholeNumber(-1)), -1, "never", "RCVBUF") };

/** Definition of {@link ReceiveOptions}. */
export const RECEIVE: OptionGroup<ReceiveOptions> = {
  receiveHighWaterMark: option(wholeNumber(0), 1000, "at once", "RCVHWM"),
  receiveHighWaterMarkBytes: option(wholeNumber(0), 0, "at once"),
  maxLeftoverBytes: option(wholeNumber(0), DEFAULT_LEFTOVER_BYTES, "next connection"),
  receiveTimeout: option(timeFrom(-1), -1, "next wait", "RCVTIMEO"),
  ...UNSUPPORTED,
  disconnectMessage: option(frameOrNull, null, "next loss", "DISCONNECT_MSG"),
  hiccupMessage: option(frameOrNull, null, "next loss", "HICCUP_MSG"),
};

/** Options of socket types that can receive frames without copying them. */
export interface ZeroCopyOptions {
  /**
   * If true, received frames may be views of the buffer they arrived in (up to 512 KiB), and keep that buffer alive. Set
   * `false` in programs that keep small messages for a long time: each frame is then copied to memory of its own
   * (docs/performance.md has figures). A change applies to later connections; nothing is copied over inproc. Default
   * `true`.
   */
  readonly zeroCopyReceive?: boolean | undefined;
}

/** Definition of {@link ZeroCopyOptions}. */
export const ZERO_COPY: OptionGroup<ZeroCopyOptions> = {
  zeroCopyReceive: option(flag, true, "next connection", "ZERO_COPY_RECV"),
};
