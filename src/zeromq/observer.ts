/**
 * The observer of a socket: its events, one by one or by listeners.
 *
 * | Event      | OPEN     | WAITING | EMITTING | CLOSED |
 * | ---------- | -------- | ------- | -------- | ------ |
 * | receive    | WAITING  | -       | -        | -      |
 * | event      | -        | OPEN    | -        | -      |
 * | last event | -        | CLOSED  | CLOSED   | -      |
 * | on         | EMITTING | x       | -        | -      |
 * | close      | CLOSED   | CLOSED  | CLOSED   | -      |
 *
 * `last event`: the socket is closed. In OPEN events wait to be received. `-` changes nothing: a `receive` that is not possible fails. `x` would break the
 * contract of `on`, as with zeromq.js: a listener is not added while `receive` waits. `tests/zeromq/observer_states_test.ts` walks the table.
 *
 * @module
 */

import { EventEmitter } from "node:events";
import type { Socket as NativeSocket, SocketEvent } from "../../mod.ts";
import { requireCount } from "./arguments.ts";
import { closedError, errnoError } from "./errors.ts";
import { type Event, eventOf, type EventOfType, type EventType } from "./events.ts";

/** Adds and removes listeners of events. */
export interface EventSubscriber {
  /** Calls a listener with every event of a type. From then on events cannot be received with `receive()`. */
  on<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber;
  /** Removes a listener. */
  off<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber;
}

const NATIVE = new WeakMap<object, NativeSocket>();

/** Notes the socket of this library behind one of zeromq.js, for observers and proxies. */
export function setNative(socket: object, native: NativeSocket): void {
  NATIVE.set(socket, native);
}

/** The socket of this library behind one of zeromq.js. */
export function nativeOf(socket: unknown): NativeSocket | undefined {
  return typeof socket === "object" && socket !== null ? NATIVE.get(socket) : undefined;
}

const EMITTING = "Observer is in event emitter mode. " +
  "After a call to events.on() it is not possible to read events with events.receive().";

/**
 * Observes the events of a socket; `socket.events` is its own.
 *
 * @example
 * ```ts
 * import { Pull } from "@monocoque/zmq/zeromq";
 *
 * const pull = new Pull();
 * pull.events.on("bind", ({ address }) => console.log(address)); // tcp://127.0.0.1:49152, say
 * await pull.bind("tcp://127.0.0.1:*");
 * pull.close();
 * ```
 */
export class Observer implements EventSubscriber {
  readonly #events: AsyncIterator<SocketEvent, undefined>;
  #emitter: EventEmitter | undefined;
  #closed = false;
  #busy = false;
  #ended = false;

  /**
   * Observes a socket from now on.
   *
   * @throws {TypeError} If it is not a socket.
   */
  constructor(socket: { readonly events: Observer }) {
    if (typeof socket !== "object" || socket === null) throw new TypeError("Socket must be a socket object");
    const native = nativeOf(socket);
    if (native === undefined) throw new Error("Invalid argument");
    if (native.closed) throw errnoError("ENOTSOCK");
    this.#events = native.events[Symbol.asyncIterator]();
  }

  /** True after `close`, and after the last event was received. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Stops observing. */
  close(): void {
    requireCount(arguments.length, 0);
    if (this.#closed) return;
    this.#closed = true;
    void this.#events.return!();
  }

  /**
   * Receives the next event, or waits for one.
   *
   * @throws {ErrnoError} `EBADF` if the observer is closed, `EBUSY` if another call waits.
   */
  receive(): Promise<Event> {
    if (this.#emitter !== undefined) throw new Error(EMITTING);
    requireCount(arguments.length, 0);
    return this.#receive();
  }

  #receive(): Promise<Event> {
    if (this.#closed) throw closedError();
    if (this.#busy) {
      const text = "Observer is busy reading; only one receive operation may be in progress at any time";
      throw errnoError("EBUSY", text);
    }
    this.#busy = true;
    return this.#next();
  }

  async #next(): Promise<Event> {
    try {
      for (;;) {
        const { value } = await this.#events.next();
        if (value === undefined) break;
        const event = eventOf(value);
        if (event === undefined) continue;
        if (event.type === "end") this.#closed = this.#ended = true;
        return event;
      }
    } finally {
      this.#busy = false;
    }
    throw errnoError("ENOTSOCK");
  }

  /** Calls a listener with every event of a type. From then on events cannot be received with `receive()`. */
  on<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber {
    return this.#emitting().on(type, listener) as EventSubscriber;
  }

  /** Removes a listener. */
  off<E extends EventType>(type: E, listener: (data: EventOfType<E>) => void): EventSubscriber {
    return this.#emitting().off(type, listener) as EventSubscriber;
  }

  #emitting(): EventEmitter {
    if (this.#emitter === undefined) {
      this.#emitter = new EventEmitter();
      void this.#emitAll(this.#emitter);
    }
    return this.#emitter;
  }

  async #emitAll(emitter: EventEmitter): Promise<void> {
    while (!this.#closed) {
      let event: Event;
      try {
        event = await this.#receive();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
      emitter.emit(event.type, event);
    }
  }

  /** Iterates over the events until the observer is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    return {
      next: async () => {
        if (this.#closed) return { done: true, value: undefined };
        try {
          return { done: false, value: await this.receive() };
        } catch (error) {
          if (this.#closed && !this.#ended && this.#emitter === undefined) return { done: true, value: undefined };
          throw error;
        }
      },
    };
  }
}
