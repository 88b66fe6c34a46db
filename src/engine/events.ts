/**
 * What a socket tells of its endpoints and connections, under the names of zeromq.js: to listeners, and to async iterators.
 *
 * @module
 */

import { microtask } from "../base/clock.ts";
import { isProtocolError, ZmqError } from "../base/errors.ts";
import { AuthError, type AuthStatus } from "../zmtp/auth_error.ts";
import type { Metadata } from "../zmtp/metadata.ts";
import { ProtocolError, type ProtocolRule } from "../zmtp/protocol_error.ts";
import { type Hold, NO_HOLD } from "./waits/process_hold.ts";
import type { ConnectionLimit } from "./refusals.ts";

/** Something happened to a socket's endpoints or connections. The comment names libzmq's event. */
export type SocketEvent =
  /** An endpoint is bound. `LISTENING` */
  | { readonly type: "bind"; readonly endpoint: string }
  /** An endpoint could not be bound. `BIND_FAILED` */
  | { readonly type: "bind:error"; readonly endpoint: string; readonly error: Error }
  /** A bound endpoint no longer accepts connections. `CLOSED` */
  | { readonly type: "close"; readonly endpoint: string }
  /** A bound endpoint could not be closed. `CLOSE_FAILED` */
  | { readonly type: "close:error"; readonly endpoint: string; readonly error: Error }
  /** A connection came in; its handshake follows. `ACCEPTED` */
  | { readonly type: "accept"; readonly endpoint: string; readonly remote: string }
  /** Accepting a connection failed. `ACCEPT_FAILED` */
  | { readonly type: "accept:error"; readonly endpoint: string; readonly error: Error }
  /**
   * Connections that came in were closed because of a limit, before their handshake: the first at once, all those of the next
   * second in one event for each limit. `statistics().refusals` counts each of them.
   */
  | {
    readonly type: "accept:refused";
    readonly endpoint: string;
    /** Where the last of them came from. */
    readonly remote: string;
    /** The option that is the limit. */
    readonly limit: ConnectionLimit;
    /** How many there were since the last event of this kind. */
    readonly count: number;
  }
  /** An attempt to connect begins. `CONNECT_DELAYED` */
  | { readonly type: "connect:delay"; readonly endpoint: string }
  /** A connection was made; its handshake follows. `CONNECTED` */
  | { readonly type: "connect"; readonly endpoint: string; readonly remote: string }
  /** An attempt to connect failed, or a connection was lost; the next attempt follows after `interval` ms. `CONNECT_RETRIED` */
  | { readonly type: "connect:retry"; readonly endpoint: string; readonly interval: number; readonly error?: Error }
  /** An endpoint is given up, because the options allow no further attempt; so many queued messages are dropped. */
  | { readonly type: "connect:end"; readonly endpoint: string; readonly dropped: number; readonly error: Error }
  /**
   * A message of the queue is dropped, because it can never be sent. Messages behind it go out over the next connection.
   * `EMSGSIZE`: peers closed three connections in a row in the middle of it, so it may be larger than they accept. `ENOMEM` or
   * `EIO`: encoding, encrypting or writing it failed, which ended the connection; the `disconnect` event follows.
   */
  | {
    readonly type: "message:dropped";
    readonly endpoint: string;
    /** How many frames it had, and how many bytes these. */
    readonly frames: number;
    readonly bytes: number;
    readonly error: ZmqError;
  }
  /** The handshake is complete: messages flow. `HANDSHAKE_SUCCEEDED` */
  | {
    readonly type: "handshake";
    readonly endpoint: string;
    readonly remote: string;
    /** Empty for a peer of ZMTP 1.0, which does not tell. */
    readonly peerType: string;
    /** `3.1`, `3.0`, `2.0` or `1.0` of ZMTP; `inproc` for a socket of this process. */
    readonly version: string;
    /** What the peer told of itself; names are in lower case. */
    readonly metadata: Metadata;
  }
  /**
   * The peer does not speak ZMTP as it must, or is of a type that cannot talk to this one; its connection is closed.
   * `HANDSHAKE_FAILED_PROTOCOL`
   */
  | {
    readonly type: "handshake:error:protocol";
    readonly endpoint: string;
    readonly remote: string;
    /** The rule that was broken, in the names of zmq.h. */
    readonly rule: ProtocolRule;
    readonly error: ZmqError;
  }
  /** The peer does not let this socket in: its authenticator says so. `HANDSHAKE_FAILED_AUTH` */
  | {
    readonly type: "handshake:error:auth";
    readonly endpoint: string;
    readonly remote: string;
    /** What it says: 300 for now, 400 not at all, 500 it has failed itself. */
    readonly status: AuthStatus;
    readonly error: ZmqError;
  }
  /** The handshake took too long, or the connection broke during it. `HANDSHAKE_FAILED_NO_DETAIL` */
  | {
    readonly type: "handshake:error:other";
    readonly endpoint: string;
    readonly remote: string;
    readonly error: Error;
  }
  /**
   * A connection is gone: the peer ended it, it broke, or its handshake failed, which the event before this one reports. The
   * `error` is left out where the peer ended it in good order. `DISCONNECTED`
   */
  | { readonly type: "disconnect"; readonly endpoint: string; readonly remote: string; readonly error?: Error }
  /**
   * A connection is gone because this socket ended it: by `close`, `disconnect`, `disconnectPeer`,
   * `unbind`, or the empty message of a `Stream`.
   * libzmq reports nothing then; each `accept` and `connect` is followed by one `disconnect` or one of these.
   */
  | { readonly type: "disconnect:local"; readonly endpoint: string; readonly remote: string }
  /** An iterator came too late for so many events before the next one. */
  | { readonly type: "missed"; readonly count: number }
  /** The socket is closed; the last event. `MONITOR_STOPPED` */
  | { readonly type: "end" };

/** Called with each event. */
export type SocketEventListener = (event: SocketEvent) => void;

/** Most events that an iterator holds for a consumer that does not come. */
const MAX_HELD = 1000;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * The events of a socket. Any number of listeners and iterators may watch; nothing is kept for those who come later.
 *
 * @example
 * ```ts
 * import { Pull } from "@monocoque/zmq";
 *
 * const pull = new Pull();
 * const stop = pull.events.listen((event) => {
 *   if (event.type === "bind") console.log(`listening on ${event.endpoint}`);
 * });
 * await pull.bind("tcp://127.0.0.1:0");
 * stop();
 * await pull.close();
 * ```
 */
export interface SocketEvents extends AsyncIterable<SocketEvent> {
  /** Calls `listener` with every event from now on; the function returned ends that. A listener must not throw. */
  listen(listener: SocketEventListener): () => void;
  /**
   * Iterates over the events from the moment of this call until the socket is closed. A consumer that falls more than
   * 1000 events behind misses the oldest ones, and is told how many by a `missed` event in their place.
   */
  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined>;
}

/** The engine's end of {@link SocketEvents}. */
export class EventHub implements SocketEvents {
  readonly #listeners = new Set<SocketEventListener>();
  readonly #hold: Hold;
  #ended = false;

  /** @param hold Has a reason for each iterator that waits. */
  constructor(hold: Hold = NO_HOLD) {
    this.#hold = hold;
  }

  listen(listener: SocketEventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined> {
    const held: SocketEvent[] = [];
    let missed = 0;
    let waiting: ((result: IteratorResult<SocketEvent, undefined>) => void)[] = [];
    let ended = this.#ended;
    const end = () => {
      ended = true;
      stop();
      for (const resolve of waiting) resolve(DONE);
      waiting = [];
    };
    const stop = this.listen((event) => {
      const resolve = waiting.shift();
      if (resolve !== undefined) resolve({ done: false, value: event });
      else if (held.push(event) > MAX_HELD) {
        held.shift();
        missed++;
      }
      if (event.type === "end") end();
    });
    return {
      next: () => {
        if (missed > 0) {
          const event = { type: "missed", count: missed } as const;
          missed = 0;
          return Promise.resolve({ done: false, value: event });
        }
        const event = held.shift();
        if (event !== undefined) return Promise.resolve({ done: false, value: event });
        if (ended) return Promise.resolve(DONE);
        this.#hold.take();
        return new Promise((resolve) =>
          waiting.push((result) => {
            this.#hold.drop();
            resolve(result);
          })
        );
      },
      return: () => {
        held.length = missed = 0;
        end();
        return Promise.resolve(DONE);
      },
    };
  }

  /** Tells all who watch. */
  emit(event: SocketEvent): void {
    if (event.type === "end") this.#ended = true;
    // A copy: who begins to listen meanwhile is told of the next one.
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        // A throwing listener must not break the connection that it watches; the error is still the program's to see.
        microtask(() => {
          throw error;
        });
      }
    }
  }
}

/** Why a handshake failed, as an event: what that is called depends on whose fault it was. */
export function handshakeError(endpoint: string, remote: string, error: Error | undefined): SocketEvent {
  if (error instanceof AuthError) {
    return { type: "handshake:error:auth", endpoint, remote, status: error.status, error };
  }
  if (isProtocolError(error)) {
    const rule = error instanceof ProtocolError ? error.rule : "UNSPECIFIED";
    return { type: "handshake:error:protocol", endpoint, remote, rule, error };
  }
  const reason = error ?? new ZmqError("ECONNRESET", "The peer closed the connection during the handshake");
  return { type: "handshake:error:other", endpoint, remote, error: reason };
}
