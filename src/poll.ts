/**
 * Waiting for several sockets at once (libzmq zmq_poll).
 *
 * @module
 */

import { whenAborted } from "./abort.ts";
import { onlyOptions, timeFrom } from "./checks.ts";
import { ZmqError } from "./errors.ts";
import type { DuplexSocket } from "./sockets/duplex.ts";
import type { ReceivingSocket } from "./sockets/receiving.ts";
import type { SendingSocket } from "./sockets/sending.ts";

/** A socket, and what to wait for. */
export type PollItem =
  | { readonly socket: ReceivingSocket; readonly for: "readable" }
  | { readonly socket: SendingSocket | DuplexSocket; readonly for: "writable" };

/** Options of {@link poll}. */
export interface PollOptions {
  /** How long to wait, in ms; 0 only looks, −1 is without end. Default −1. */
  readonly timeout?: number;
  /** Ends the wait: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until at least one of several sockets has a message to receive, or room to send, and tells which. Nothing is taken:
 * `tryReceive` and `trySend` do that next. A receiving socket by itself is waited for until it is readable.
 *
 * @returns The items that are ready, in the order in which they were given; none if the time ran out.
 * @throws {ZmqError} `ENOTSOCK` if one of them is closed.
 * @throws {TypeError} If there is nothing to wait for, or no such option; {@linkcode RangeError} if `timeout` is not a time.
 *
 * @example
 * ```ts
 * import { poll, Pull, Push } from "@monocoque/zmq";
 *
 * await using jobs = new Pull();
 * await using control = new Pull();
 * await using push = new Push();
 * await jobs.bind("inproc://jobs");
 * push.connect(await control.bind("inproc://control"));
 * await push.send("stop");
 * const ready = await poll([jobs, control]);
 * if (ready.includes(control)) console.log(control.tryReceive());
 * ```
 */
export async function poll<T extends ReceivingSocket | PollItem>(
  items: readonly T[],
  options: PollOptions = {},
): Promise<T[]> {
  if (items.length === 0) throw new TypeError("Cannot wait for nothing: give poll at least one socket");
  onlyOptions("poll()", options, ["timeout", "signal"]);
  const timeout = timeFrom(-1)("timeout", options.timeout ?? -1);
  const { signal } = options;
  signal?.throwIfAborted();
  for (const item of items) {
    if (socketOf(item).closed) throw new ZmqError("ENOTSOCK", "Cannot wait for a socket that is closed");
  }
  const ready = items.filter(isReady);
  if (ready.length > 0 || timeout === 0) return ready;
  const over = new AbortController();
  const stop = () => over.abort();
  const unlisten = signal && whenAborted(signal, stop);
  const timer = timeout > 0 ? setTimeout(stop, timeout) : undefined;
  try {
    await Promise.race(items.map((item) => whenReady(item, over.signal)));
  } catch (error) {
    signal?.throwIfAborted();
    if (!over.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    unlisten?.();
    over.abort();
  }
  return items.filter(isReady);
}

function socketOf(item: ReceivingSocket | PollItem): ReceivingSocket | SendingSocket | DuplexSocket {
  return "for" in item ? item.socket : item;
}

function isReady(item: ReceivingSocket | PollItem): boolean {
  if (!("for" in item)) return item.readable;
  return item.for === "readable" ? item.socket.readable : item.socket.writable;
}

function whenReady(item: ReceivingSocket | PollItem, signal: AbortSignal): Promise<void> {
  if (!("for" in item)) return item.whenReadable({ signal });
  return item.for === "readable" ? item.socket.whenReadable({ signal }) : item.socket.whenWritable({ signal });
}
