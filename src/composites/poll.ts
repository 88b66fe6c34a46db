/**
 * Waits for several sockets at once (libzmq zmq_poll).
 *
 * @module
 */

import { requireSignal, whenAborted } from "../base/abort.ts";
import { onlyOptions, timeFrom } from "../base/checks.ts";
import { ZmqError } from "../base/errors.ts";
import { clockOfSocket } from "../sockets/clock.ts";
import type { Readable } from "../sockets/receiving.ts";
import type { Writable } from "../sockets/sending.ts";
import type { Socket } from "../sockets/socket.ts";
import { refuseSurplus } from "../base/surplus.ts";
import { typeName } from "../base/type_name.ts";

/** A socket and the condition to wait for. */
export type PollItem =
  | { readonly socket: Socket & Readable; readonly for: "readable" }
  | { readonly socket: Socket & Writable; readonly for: "writable" };

/** Options of {@link poll}. */
export interface PollOptions {
  /** Timeout in ms; 0 checks without waiting, −1 waits forever. Default −1. */
  readonly timeout?: number | undefined;
  /** Cancels the wait: the promise rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until at least one of several sockets can receive or send a message. Nothing is received or sent: call
 * `tryReceive` or `trySend` next. A receiving socket without `for` is waited for until it is readable.
 *
 * @returns The items that are ready, in the order of `items`; empty after the timeout.
 * @throws {ZmqError} `ENOTSOCK` if one of the sockets is closed.
 * @throws {TypeError} If `items` is empty, or an option does not exist; {@linkcode RangeError} if `timeout` is out of
 * range.
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
  if (arguments.length > 2) refuseSurplus("poll()", 2, arguments[2]);
  if (!Array.isArray(items)) throw new TypeError(`poll() takes an array of sockets, not ${typeName(items)}`);
  if (items.length === 0) throw new TypeError("Cannot poll without a socket: pass at least one");
  onlyOptions("poll()", options, ["timeout", "signal"]);
  const timeout = timeFrom(-1)("timeout", options.timeout ?? -1);
  const { signal } = options;
  requireSignal("poll()", signal);
  signal?.throwIfAborted();
  for (const item of items) {
    if (socketOf(item).closed) throw new ZmqError("ENOTSOCK", "Cannot poll a closed socket");
  }
  const over = new AbortController();
  const stop = () => over.abort();
  const unlisten = signal && whenAborted(signal, stop);
  // The sockets decide whether the process stays alive, so the timer must not keep it alive.
  const timer = timeout > 0 ? clockOfSocket(socketOf(items[0]!)).timer(timeout, stop) : undefined;
  try {
    for (;;) {
      const ready = items.filter(isReady);
      if (ready.length > 0 || timeout === 0 || over.signal.aborted) return ready;
      // Another receiver may have taken the message before this one resumed, so the items are checked again.
      await anyReady(items, over.signal);
      signal?.throwIfAborted();
    }
  } finally {
    timer?.cancel();
    unlisten?.();
  }
}

/** Waits for the first of several sockets, or for the timeout. */
async function anyReady(items: readonly ((Socket & Readable) | PollItem)[], over: AbortSignal): Promise<void> {
  const found = new AbortController();
  const unlisten = whenAborted(over, () => found.abort());
  try {
    await Promise.race(items.map((item) => whenReady(item, found.signal)));
  } catch (error) {
    if (!over.aborted) throw failed(error);
  } finally {
    unlisten();
    found.abort();
  }
}

/** Created again where the caller waits: the stack of an error that a race passes on does not lead there on Bun. */
function failed(cause: unknown): unknown {
  return cause instanceof ZmqError ? new ZmqError(cause.code, `Cannot poll: ${cause.message}`, { cause }) : cause;
}

/** Returns the socket of an item, and checks that it supports the condition. */
function socketOf(item: (Socket & Readable) | PollItem): Socket {
  if (typeof item !== "object" || item === null || !("for" in item || "type" in item)) throw notToPoll(item);
  const { socket, for: what } = "for" in item ? item : { socket: item, for: "readable" };
  const method = what === "readable" ? "whenReadable" : what === "writable" ? "whenWritable" : undefined;
  if (typeof socket !== "object" || socket === null) throw notToPoll(socket);
  if (method === undefined || !(method in socket)) {
    throw new TypeError(`Cannot poll ${socket.type}: it never becomes ${what}`);
  }
  return socket;
}

function notToPoll(item: unknown): TypeError {
  return new TypeError(`Cannot poll ${typeName(item)}: pass a socket that receives, or { socket, for: "writable" }`);
}

function isReady(item: (Socket & Readable) | PollItem): boolean {
  if (!("for" in item)) return item.readable;
  return item.for === "readable" ? item.socket.readable : item.socket.writable;
}

function whenReady(item: (Socket & Readable) | PollItem, signal: AbortSignal): Promise<void> {
  if (!("for" in item)) return item.whenReadable({ signal });
  return item.for === "readable" ? item.socket.whenReadable({ signal }) : item.socket.whenWritable({ signal });
}
