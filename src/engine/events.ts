/**
 * What a socket tells of its connections, under the names of zeromq.js: to listeners, and to async iterators.
 *
 * @module
 */

import { isProtocolError, ZmqError } from "../errors.ts";

/** Something happened to a socket's endpoints or connections. */
export type SocketEvent =
  /** An endpoint is bound. */
  | { readonly type: "bind"; readonly endpoint: string }
  /** An endpoint could not be bound. */
  | { readonly type: "bind:error"; readonly endpoint: string; readonly error: Error }
  /** A bound endpoint no longer accepts connections. */
  | { readonly type: "close"; readonly endpoint: string }
  /** A connection was accepted; its handshake follows. */
  | { readonly type: "accept"; readonly endpoint: string; readonly remote: string }
  /** Accepting a connection failed. */
  | { readonly type: "accept:error"; readonly endpoint: string; readonly error: Error }
  /** A connection was made; its handshake follows. */
  | { readonly type: "connect"; readonly endpoint: string; readonly remote: string }
  /** An attempt to connect failed, or a connection was lost; the next attempt follows after `interval` ms. */
  | { readonly type: "connect:retry"; readonly endpoint: string; readonly interval: number; readonly error?: Error }
  /** An endpoint is given up, because `reconnectInterval` allows no further attempt; so many queued messages are dropped. */
  | { readonly type: "connect:end"; readonly endpoint: string; readonly dropped: number; readonly error: Error }
  /** The handshake is complete: messages flow. */
  | { readonly type: "handshake"; readonly endpoint: string; readonly remote: string; readonly peerType: string }
  /** The peer does not speak ZMTP as it must, or is of a type that cannot talk to this one; its connection is closed. */
  | {
    readonly type: "handshake:error:protocol";
    readonly endpoint: string;
    readonly remote: string;
    readonly error: ZmqError;
  }
  /** The handshake took too long, or the connection broke during it. */
  | {
    readonly type: "handshake:error:other";
    readonly endpoint: string;
    readonly remote: string;
    readonly error: Error;
  }
  /** A connection that had completed its handshake is gone. */
  | { readonly type: "disconnect"; readonly endpoint: string; readonly remote: string; readonly error?: Error }
  /** The socket is closed; the last event. */
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
   * 1000 events behind misses the oldest ones.
   */
  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined>;
}

/** The engine's end of {@link SocketEvents}. */
export class EventHub implements SocketEvents {
  readonly #listeners = new Set<SocketEventListener>();
  #ended = false;

  listen(listener: SocketEventListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  [Symbol.asyncIterator](): AsyncIterator<SocketEvent, undefined> {
    const held: SocketEvent[] = [];
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
      else if (held.push(event) > MAX_HELD) held.shift();
      if (event.type === "end") end();
    });
    return {
      next: () => {
        const event = held.shift();
        if (event !== undefined) return Promise.resolve({ done: false, value: event });
        if (ended) return Promise.resolve(DONE);
        return new Promise((resolve) => waiting.push(resolve));
      },
      return: () => {
        held.length = 0;
        end();
        return Promise.resolve(DONE);
      },
    };
  }

  /** Tells all who watch. */
  emit(event: SocketEvent): void {
    if (event.type === "end") this.#ended = true;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // A throwing listener must not break the connection that it watches; the error is still the program's to see.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

/** The event for a connection that is gone: what it is called depends on how far it came. */
export function lossEvent(
  endpoint: string,
  remote: string,
  handshaken: boolean,
  error: Error | undefined,
): SocketEvent {
  if (handshaken) return { type: "disconnect", endpoint, remote, ...error && { error } };
  if (isProtocolError(error)) return { type: "handshake:error:protocol", endpoint, remote, error };
  const reason = error ?? new ZmqError("ECONNRESET", "The peer closed the connection during the handshake");
  return { type: "handshake:error:other", endpoint, remote, error: reason };
}
