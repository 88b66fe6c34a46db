/**
 * Waiting for several sockets at once (libzmq zmq_poll).
 *
 * @module
 */

import { whenAborted } from "../base/abort.ts";
import { onlyOptions, timeFrom } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import { clockOf } from "../sockets/clock.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { Socket } from "../sockets/socket.ts";

/** A socket, and what to wait for. */
export type PollItem =
  | { readonly socket: Socket & Readable; readonly for: "readable" }
  | { readonly socket: Socket & Writable; readonly for: "writable" };

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
export async function poll<T extends (Socket & Readable) | PollItem>(
  items: readonly T[],
  options: PollOptions = {},
): Promise<T[]> {
  if (items.length === 0) throw new TypeError("Cannot poll without a socket: pass at least one");
  onlyOptions("poll()", options, ["timeout", "signal"]);
  const timeout = timeFrom(-1)("timeout", options.timeout ?? -1);
  const { signal } = options;
  signal?.throwIfAborted();
  for (const item of items) {
    if (socketOf(item).closed) throw new ZmqError("ENOTSOCK", "Cannot wait for a socket that is closed");
  }
  const over = new AbortController();
  const stop = () => over.abort();
  const unlisten = signal && whenAborted(signal, stop);
  // The sockets that are waited for keep the process alive, or do not: the timer does not.
  const timer = timeout > 0 ? clockOf(socketOf(items[0]!)).timer(timeout, stop) : undefined;
  try {
    for (;;) {
      const ready = items.filter(isReady);
      if (ready.length > 0 || timeout === 0 || over.signal.aborted) return ready;
      // Somebody else may have taken what it was for.
      await anyReady(items, over.signal);
      signal?.throwIfAborted();
    }
  } finally {
    timer?.cancel();
    unlisten?.();
  }
}

/** Waits for the first of several sockets, or until the time is over. */
async function anyReady(items: readonly ((Socket & Readable) | PollItem)[], over: AbortSignal): Promise<void> {
  const found = new AbortController();
  const unlisten = whenAborted(over, () => found.abort());
  try {
    await Promise.race(items.map((item) => whenReady(item, found.signal)));
  } catch (error) {
    if (!over.aborted) throw error;
  } finally {
    unlisten();
    found.abort();
  }
}

/** The socket of an item; checks that it can do what it is asked for. */
function socketOf(item: (Socket & Readable) | PollItem): Socket {
  const { socket, for: what } = "for" in item ? item : { socket: item, for: "readable" };
  const method = what === "readable" ? "whenReadable" : what === "writable" ? "whenWritable" : undefined;
  if (method === undefined || !(method in socket)) throw new TypeError(`Cannot wait until ${socket.type} is ${what}`);
  return socket;
}

function isReady(item: (Socket & Readable) | PollItem): boolean {
  if (!("for" in item)) return item.readable;
  return item.for === "readable" ? item.socket.readable : item.socket.writable;
}

function whenReady(item: (Socket & Readable) | PollItem, signal: AbortSignal): Promise<void> {
  if (!("for" in item)) return item.whenReadable({ signal });
  return item.for === "readable" ? item.socket.whenReadable({ signal }) : item.socket.whenWritable({ signal });
}
