/**
 * Events of a socket's endpoints and connections, with the names of zeromq.js, for listeners and async iterators.
 *
 * | Event  | EMPTY   | HOLDING | WAITING | LAST | OVER |
 * | ------ | ------- | ------- | ------- | ---- | ---- |
 * | next   | WAITING | EMPTY   | -       | OVER | -    |
 * | event  | HOLDING | -       | EMPTY   | -    | -    |
 * | end    | LAST    | LAST    | OVER    | -    | -    |
 * | return | OVER    | OVER    | OVER    | OVER | -    |
 *
 * The states of an iterator: HOLDING has one event, a `missed` event included, LAST has the `end` as well, WAITING one call of `next`. An iterator that is made
 * after the `end` begins in OVER. `-` changes nothing that a single `next` could show. `tests/engine/events_test.ts` walks the table.
 *
 * @module
 */

import { listOf } from "../base/checks.ts";
import { peerText } from "../base/peer_text.ts";
import { typeName } from "../base/type_name.ts";
import { reportUncaught } from "../base/uncaught.ts";
import type { ZmqError } from "../base/errors.ts";
import type { AuthStatus } from "../zmtp/auth_error.ts";
import type { Metadata } from "../zmtp/metadata.ts";
import type { ProtocolRule } from "../zmtp/protocol_error.ts";
import type { HintKind } from "./hints/hint_table.ts";
import { type Hold, NO_HOLD } from "./waits/process_hold.ts";
import type { ConnectionLimit } from "./refusals.ts";
import { refuseSurplus } from "../base/surplus.ts";

/**
 * The reason why a connection was lost.
 *
 * - `peer`: the peer closed it, or its process exited.
 * - `lost`: the network or the peer broke it off, or it could not be written to.
 * - `timeout`: the peer did not answer heartbeats (`heartbeatTimeout`) or TCP's keepalive in time.
 * - `protocol`: the peer violated ZMTP or a limit, or its topics or messages were rejected.
 * - `rejected`: the peer rejected this socket after the handshake, and `error` has its reason: a second peer of a `Pair`,
 *   or a topic over a limit of the publisher.
 * - `handshake`: the handshake was not completed; the previous event has the reason.
 */
export type DisconnectReason = "peer" | "lost" | "timeout" | "protocol" | "rejected" | "handshake";

/**
 * The call of the program that ended a connection: `close()`, `disconnect()`, `unbind()`, `disconnectPeer()`, or
 * `message`, the empty message by which a `Stream` closes a connection.
 */
export type LocalDisconnectReason = "close" | "disconnect" | "unbind" | "disconnectPeer" | "message";

/** An event of a socket's endpoints or connections. The name after each description is the event of libzmq. */
export type SocketEvent =
  /** An endpoint is bound. `LISTENING` */
  | { readonly type: "bind"; readonly endpoint: string }
  /** Binding an endpoint failed. `BIND_FAILED` */
  | { readonly type: "bind:error"; readonly endpoint: string; readonly error: Error }
  /** A bound endpoint was closed and accepts no more connections. `CLOSED` */
  | { readonly type: "close"; readonly endpoint: string }
  /** Closing a bound endpoint failed. `CLOSE_FAILED` */
  | { readonly type: "close:error"; readonly endpoint: string; readonly error: Error }
  /** A connection was accepted; its handshake follows. `ACCEPTED` */
  | { readonly type: "accept"; readonly endpoint: string; readonly remote: string }
  /** Accepting a connection failed. `ACCEPT_FAILED` */
  | { readonly type: "accept:error"; readonly endpoint: string; readonly error: Error }
  /**
   * Incoming connections were closed before their handshake because of a limit. The first one is reported immediately,
   * and all those of the following second in one event per limit. `statistics().refusals` counts each connection.
   */
  | {
    readonly type: "accept:refused";
    readonly endpoint: string;
    /** The remote address of the last of these connections. */
    readonly remote: string;
    /** The option that sets the limit. */
    readonly limit: ConnectionLimit;
    /** Number of connections since the last event of this kind. */
    readonly count: number;
  }
  /** An attempt to connect begins. `CONNECT_DELAYED` */
  | { readonly type: "connect:delay"; readonly endpoint: string }
  /** A connection was established; its handshake follows. `CONNECTED` */
  | { readonly type: "connect"; readonly endpoint: string; readonly remote: string }
  /**
   * An attempt to connect failed, or a connection was lost; the next attempt starts after `interval` ms.
   * `CONNECT_RETRIED`
   */
  | { readonly type: "connect:retry"; readonly endpoint: string; readonly interval: number; readonly error?: Error }
  /**
   * The socket stopped reconnecting to an endpoint, because its options allow no further attempt; `dropped` queued
   * messages were dropped.
   */
  | { readonly type: "connect:end"; readonly endpoint: string; readonly dropped: number; readonly error: Error }
  /**
   * A queued message was dropped because it can never be sent; the messages after it are sent over the next connection.
   * `EMSGSIZE`: peers closed three connections in a row while it was being sent, so it may be larger than they accept.
   * `ENOMEM` or `EIO`: encoding, encrypting or writing it failed, which closed the connection; the `disconnect` event
   * follows. `EINVAL`: the program transferred the memory of a frame after `send()`, for example with `postMessage`; the
   * messages after it are sent over the same connection.
   */
  | {
    readonly type: "message:dropped";
    readonly endpoint: string;
    /** Number of frames of the message, and their bytes in all; memory that was transferred does not count. */
    readonly frames: number;
    readonly bytes: number;
    readonly error: ZmqError;
  }
  /** The handshake is complete, and messages can be exchanged. `HANDSHAKE_SUCCEEDED` */
  | {
    readonly type: "handshake";
    readonly endpoint: string;
    readonly remote: string;
    /** Socket type of the peer, such as `PUB`; empty for a ZMTP 1.0 peer, which does not send it. */
    readonly peerType: string;
    /** ZMTP version of the connection: `3.1`, `3.0`, `2.0` or `1.0`; `inproc` for a socket of this process. */
    readonly version: string;
    /** Properties that the peer sent in the handshake; names are in lower case. */
    readonly metadata: Metadata;
  }
  /**
   * The peer violated ZMTP, or its socket type cannot be combined with this one; the connection was closed.
   * `HANDSHAKE_FAILED_PROTOCOL`
   */
  | {
    readonly type: "handshake:error:protocol";
    readonly endpoint: string;
    readonly remote: string;
    /** The violated rule, with its name in zmq.h. */
    readonly rule: ProtocolRule;
    readonly error: ZmqError;
  }
  /** The authenticator of this socket rejected the peer, or the peer's rejected this socket. `HANDSHAKE_FAILED_AUTH` */
  | {
    readonly type: "handshake:error:auth";
    readonly endpoint: string;
    readonly remote: string;
    /** ZAP status: 300 for a temporary error, 400 for access denied, 500 for an internal error of the authenticator. */
    readonly status: AuthStatus;
    readonly error: ZmqError;
  }
  /** The handshake timed out, or the connection was lost during the handshake. `HANDSHAKE_FAILED_NO_DETAIL` */
  | {
    readonly type: "handshake:error:other";
    readonly endpoint: string;
    readonly remote: string;
    readonly error: Error;
  }
  /**
   * A connection ended, and not because of this program: the peer closed it, it was lost, or its handshake failed, which
   * the previous event reports. There is no `error` if the peer closed the connection regularly. `DISCONNECTED`
   */
  | {
    readonly type: "disconnect";
    readonly endpoint: string;
    readonly remote: string;
    readonly reason: DisconnectReason;
    readonly error?: Error;
  }
  /**
   * This socket ended a connection, as its program asked. libzmq has no event for this. Every `accept` and `connect` is
   * followed by one `disconnect` or `disconnect:local`.
   */
  | {
    readonly type: "disconnect:local";
    readonly endpoint: string;
    readonly remote: string;
    readonly reason: LocalDisconnectReason;
  }
  /**
   * Something that is nearly always a mistake: no connection for 5 s, a peer that was rejected, a `Subscriber` without a
   * subscription, a dropped message, … Each kind is reported once per socket, those about an endpoint once for each;
   * peers that were rejected for the same reason, and connections refused because of the same limit, at most once a
   * minute.
   */
  | {
    readonly type: "hint";
    readonly kind: HintKind;
    /** The endpoint that it is about; empty if it is about none. */
    readonly endpoint: string;
    /** One sentence: the problem, and what to do. */
    readonly message: string;
    /** Why the connection or the handshake failed, if that is known. */
    readonly error?: Error;
  }
  /** An iterator fell behind and missed `count` events before the next one. */
  | { readonly type: "missed"; readonly count: number }
  /** The socket is closed. This is the last event. `MONITOR_STOPPED` */
  | { readonly type: "end" };

/** Called with every event. */
export type SocketEventListener = (event: SocketEvent) => void;

/** Maximum number of events that an iterator keeps until they are read. */
const MAX_HELD = 1000;

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Every type of event; the compiler makes sure that none is missing. */
const TYPES: Readonly<Record<SocketEvent["type"], true>> = {
  bind: true,
  "bind:error": true,
  close: true,
  "close:error": true,
  accept: true,
  "accept:error": true,
  "accept:refused": true,
  "connect:delay": true,
  connect: true,
  "connect:retry": true,
  "connect:end": true,
  "message:dropped": true,
  handshake: true,
  "handshake:error:protocol": true,
  "handshake:error:auth": true,
  "handshake:error:other": true,
  disconnect: true,
  "disconnect:local": true,
  hint: true,
  missed: true,
  end: true,
};

/**
 * The events of a socket, for any number of listeners and iterators. Events are not kept for later listeners.
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
  /**
   * Calls `listener` with every event from now on, until the returned function is called. A listener must not throw:
   * its error is reported as uncaught.
   *
   * @throws {TypeError} If `listener` is not a function.
   */
  listen(listener: SocketEventListener): () => void;
  /**
   * Calls `listener` with every event of one type from now on, until the returned function is called. A listener must
   * not throw: its error is reported as uncaught.
   *
   * @throws {TypeError} If there are no events of that type, or `listener` is not a function.
   *
   * @example
   * ```ts
   * import { Push } from "@monocoque/zmq";
   *
   * await using push = new Push();
   * push.events.on("connect:retry", ({ endpoint, error }) => console.log(endpoint, error?.message));
   * const stop = push.events.on("disconnect", ({ reason }) => console.log(reason)); // lost, say
   * stop();
   * ```
   */
  on<Type extends SocketEvent["type"]>(
    type: Type,
    listener: (event: Extract<SocketEvent, { readonly type: Type }>) => void,
  ): () => void;
  /**
   * Iterates over the events from this call until the socket is closed. An iterator that falls more than 1000 events
   * behind misses the oldest ones; a `missed` event in their place has their number.
   */
  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined>;
}

/** The engine's implementation of {@link SocketEvents}. */
export class EventHub implements SocketEvents {
  readonly #listeners = new Set<SocketEventListener>();
  readonly #hold: Hold;
  #ended = false;

  /**
   * @param hold Keeps the process alive while an iterator waits.
   */
  constructor(hold: Hold = NO_HOLD) {
    this.#hold = hold;
  }

  listen(listener: SocketEventListener): () => void {
    if (arguments.length > 1) refuseSurplus("listen()", 1, arguments[1]);
    requireListener(listener);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  on<Type extends SocketEvent["type"]>(
    type: Type,
    listener: (event: Extract<SocketEvent, { readonly type: Type }>) => void,
  ): () => void {
    if (arguments.length > 2) refuseSurplus("on()", 2, arguments[2]);
    const names = Object.keys(TYPES);
    if (!names.includes(type)) {
      const wanted = typeof type === "string" ? peerText(type) : typeName(type);
      throw new TypeError(`A socket has no event ${wanted}; ${listOf(names, String(type))}`);
    }
    requireListener(listener);
    return this.listen((event) => {
      if (event.type === type) listener(event as Extract<SocketEvent, { readonly type: Type }>);
    });
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
            this.#hold.release();
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

  /** Emits an event to all listeners; returns false for an event after the last one, which is not emitted. */
  emit(event: SocketEvent): boolean {
    // An event that was emitted in a microtask may be late.
    if (this.#ended) return false;
    if (event.type === "end") this.#ended = true;
    // A copy, so that a listener added during this event gets the next event first.
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(event);
      } catch (error) {
        // It must not break the connection that the listener observes.
        reportUncaught(error);
      }
    }
    return true;
  }
}

function requireListener(listener: unknown): void {
  if (typeof listener === "function") return;
  throw new TypeError(`A listener of events must be a function, not ${typeName(listener)}`);
}
