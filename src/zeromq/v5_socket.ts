/**
 * The socket of zeromq.js 5: an `EventEmitter` around a socket of zeromq.js 6.
 *
 * | Event          | IDLE    | SENDING | PAUSED  | PAUSING | CLOSED |
 * | -------------- | ------- | ------- | ------- | ------- | ------ |
 * | send           | SENDING | -       | -       | -       | -      |
 * | sent           |         | IDLE    |         | PAUSED  | -      |
 * | fails          |         | IDLE    |         | PAUSED  | -      |
 * | fails, throws  |         | IDLE    |         | PAUSED  | -      |
 * | pause          | PAUSED  | PAUSING | -       | -       | -      |
 * | resume         | -       | -       | IDLE    | SENDING | -      |
 * | resume, queued | SENDING | -       | SENDING | SENDING | -      |
 * | close          | CLOSED  | CLOSED  | CLOSED  | CLOSED  | -      |
 *
 * The states of sending, with a queue that is empty otherwise. PAUSING: the message that was being sent when the socket paused still is. `throws`: the
 * callback or listener that gets the error throws. `queued`: a message waits in the queue.
 *
 * | Event          | RECEIVING | BINDING   | PAUSED    | PAUSING   | CLOSED |
 * | -------------- | --------- | --------- | --------- | --------- | ------ |
 * | message        | -         |           |           | PAUSED    | -      |
 * | fails          | -         |           |           | PAUSED    | -      |
 * | busy           | BINDING   |           |           | PAUSED    | -      |
 * | turn           |           | RECEIVING |           |           | -      |
 * | pause          | PAUSING   | PAUSED    | -         | -         | -      |
 * | resume         | -         | -         | RECEIVING | RECEIVING | -      |
 * | close          | CLOSED    | CLOSED    | CLOSED    | CLOSED    | -      |
 *
 * The states of receiving. BINDING: the socket is blocked by its `bind`, and tries again in the next turn. PAUSED keeps the message that PAUSING has received,
 * and emits it first when it resumes. `-` changes nothing; an empty cell cannot happen, as nothing of the kind is in progress.
 * `tests/zeromq/v5_states_test.ts` walks the tables.
 *
 * More than 20 members because zeromq.js has them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import process from "node:process";
import { systemClock } from "../base/clock.ts";
import type { ErrnoError } from "./errors.ts";
import type { Event } from "./events.ts";
import type { MessageLike } from "./messages.ts";
import type { Observer } from "./observer.ts";
import type { Socket as Socket6 } from "./socket.ts";
import * as types from "./socket_types.ts";
import { ZMQ_SNDMORE } from "./v5_constants.ts";
import { getOption, numberOf, options, setOption, type ShortOption } from "./v5_options.ts";

/** The types of sockets. */
export type SocketType =
  | "pair"
  | "req"
  | "rep"
  | "pub"
  | "sub"
  | "dealer"
  | "xreq"
  | "router"
  | "xrep"
  | "pull"
  | "push"
  | "xpub"
  | "xsub"
  | "stream";

/** Called when an operation is complete. */
export type Callback = (error?: Error) => void;

const CLASSES: Readonly<Record<SocketType, new () => Socket6>> = {
  pair: types.Pair,
  req: types.Request,
  rep: types.Reply,
  pub: types.Publisher,
  sub: types.Subscriber,
  dealer: types.Dealer,
  xreq: types.Dealer,
  router: types.Router,
  xrep: types.Router,
  pull: types.Pull,
  push: types.Push,
  xpub: types.XPublisher,
  xsub: types.XSubscriber,
  stream: types.Stream,
};
/** The events that have another name. */
const NAMES: Readonly<Partial<Record<Event["type"], string>>> = {
  connect: "connect",
  "connect:delay": "connect_delay",
  "connect:retry": "connect_retry",
  bind: "listen",
  "bind:error": "bind_error",
  accept: "accept",
  "accept:error": "accept_error",
  close: "close",
  "close:error": "close_error",
  disconnect: "disconnect",
};

/** A socket of version 6 with everything that some types have. */
interface Duplex extends Socket6 {
  send(message: MessageLike[]): Promise<void>;
  receive(): Promise<Buffer[]>;
}

/** The part of a socket beside the methods of its class. */
class State {
  readonly socket: Duplex;
  readonly emitter: EventEmitter;
  readonly receives: boolean;
  /** The frames of a message that is not complete. */
  frames: MessageLike[] = [];
  paused = false;
  readonly #queue: { readonly message: MessageLike[]; readonly callback: Callback | undefined }[] = [];
  /** A message that arrived while the socket was paused. */
  #received: Buffer[] | undefined;
  #sending = false;
  #receiving = false;

  constructor(type: SocketType, emitter: EventEmitter) {
    const Class = Object.prototype.hasOwnProperty.call(CLASSES, type) ? CLASSES[type] : undefined;
    if (Class === undefined) throw new Error(`Invalid socket type: ${type}`);
    this.socket = new Class() as Duplex;
    this.emitter = emitter;
    this.receives = type !== "push" && type !== "pub";
  }

  /** Emits in the next tick. */
  later(type: string, ...values: unknown[]): void {
    process.nextTick(() => this.emitter.emit(type, ...values));
  }

  add(callback: Callback | undefined): void {
    this.#queue.push({ message: this.frames, callback });
    this.frames = [];
    void this.send();
  }

  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (!this.socket.closed && !this.paused) {
        const next = this.#queue.shift();
        if (next === undefined) break;
        try {
          await this.socket.send(next.message);
          next.callback?.();
        } catch (error) {
          if (next.callback !== undefined) next.callback(error as Error);
          else this.emitter.emit("error", error);
        }
      }
    } finally {
      // A callback or listener may throw.
      this.#sending = false;
    }
  }

  async receive(): Promise<void> {
    if (this.#receiving || !this.receives) return;
    this.#receiving = true;
    while (!this.socket.closed && !this.paused) {
      if (this.#received !== undefined) {
        this.later("message", ...this.#received);
        this.#received = undefined;
      }
      try {
        const message = await this.socket.receive();
        if (this.paused) this.#received = message;
        else this.later("message", ...message);
      } catch (error) {
        if (this.socket.closed) break;
        // While the socket binds, it cannot receive.
        if ((error as ErrnoError).code === "EBUSY") await new Promise<void>((resolve) => systemClock.turn(resolve));
        else this.later("error", error);
      }
    }
    this.#receiving = false;
  }

  async monitor(events: Observer): Promise<void> {
    while (!events.closed) {
      try {
        const event = await events.receive();
        if (event.type === "end") return;
        const name = NAMES[event.type];
        if (name === undefined) continue;
        const { interval, address, error } = event as { interval?: number; address?: string; error?: ErrnoError };
        this.emitter.emit(name, error === undefined ? interval : error.errno, address, error);
      } catch (error) {
        if (!this.socket.closed && !events.closed) this.emitter.emit("error", error);
      }
    }
  }
}

const STATES = new WeakMap<object, State>();
const stateOf = (socket: object) => STATES.get(socket)!;

/**
 * Emits an event or calls a callback, in the next tick, when an operation is complete. An error that is known at once, as that
 * the socket is closed, is thrown, as in zeromq.js.
 */
function report(socket: Socket, operation: () => Promise<void>, event: string, address: string, callback?: Callback) {
  operation().then(() => {
    process.nextTick(() => {
      socket.emit(event, address);
      callback?.();
      void stateOf(socket).receive();
    });
  }, (error: unknown) => {
    process.nextTick(() => callback === undefined ? socket.emit("error", error) : callback(error as Error));
  });
}

/** The class of {@link Socket}, which is called without `new` as well. */
export class EventSocket extends EventEmitter {
  /** Options by their short names, such as `identity`. */
  // deno-lint-ignore no-explicit-any
  [key: string]: any;
  /** The type of the socket. */
  type: SocketType;

  /**
   * Creates a socket.
   *
   * @throws {Error} If there is no such type.
   */
  constructor(type: SocketType) {
    super();
    this.type = type;
    start(this);
  }

  /** Binds an endpoint; emits `bind`. */
  bind(address: string, callback?: Callback): this {
    report(this, () => stateOf(this).socket.bind(address), "bind", address, callback);
    return this;
  }

  /** Unbinds an endpoint; emits `unbind`. */
  unbind(address: string, callback?: Callback): this {
    report(this, () => stateOf(this).socket.unbind(address), "unbind", address, callback);
    return this;
  }

  /** Binds an endpoint; see `bindSync` of version 6. */
  bindSync(address: string): void {
    stateOf(this).socket.bindSync(address);
  }

  /** Unbinds an endpoint; see `unbindSync` of version 6. */
  unbindSync(address: string): void {
    stateOf(this).socket.unbindSync(address);
  }

  /** Connects to an endpoint. */
  connect(address: string): this {
    stateOf(this).socket.connect(address);
    return this;
  }

  /** Disconnects from an endpoint. */
  disconnect(address: string): this {
    stateOf(this).socket.disconnect(address);
    return this;
  }

  /** Sends a message or, with the flag `ZMQ_SNDMORE`, adds frames to the next one. Messages queue without a limit. */
  send(message: MessageLike[] | MessageLike, givenFlags?: number | undefined | null, callback?: Callback): this {
    const state = stateOf(this);
    state.frames = state.frames.concat(message);
    if (((givenFlags ?? 0) & ZMQ_SNDMORE) === 0) state.add(callback);
    return this;
  }

  /**
   * Not available since version 6.
   *
   * @throws {Error} Always.
   */
  read(): void {
    throw new Error("read() has been removed from compatibility mode; use on('message', ...) instead.");
  }

  /** Stops sending and receiving. */
  pause(): void {
    stateOf(this).paused = true;
  }

  /** Continues sending and receiving. */
  resume(): void {
    const state = stateOf(this);
    state.paused = false;
    void state.receive();
    void state.send();
  }

  /** Closes the socket. */
  close(): this {
    stateOf(this).socket.close();
    return this;
  }

  /** True after the socket was closed. */
  get closed(): boolean {
    return stateOf(this).socket.closed;
  }

  /** Emits events of connections; the arguments are ignored. */
  monitor(interval?: number, num?: number): this {
    if (interval || num) {
      process.emitWarning(
        "Arguments to monitor() are ignored in compatibility mode; all events are read automatically",
      );
    }
    const state = stateOf(this);
    void state.monitor(state.socket.events);
    return this;
  }

  /** Stops emitting events of connections. */
  unmonitor(): this {
    stateOf(this).socket.events.close();
    return this;
  }

  /** Subscribes to messages that begin with a text. */
  subscribe(filter: string): this {
    subscriber(this).subscribe(filter);
    return this;
  }

  /** Unsubscribes from messages that begin with a text. */
  unsubscribe(filter: string): this {
    subscriber(this).unsubscribe(filter);
    return this;
  }

  /** Sets an option by its number or short name. */
  // deno-lint-ignore no-explicit-any
  setsockopt(givenOption: number | ShortOption, value: any): this {
    setOption(stateOf(this).socket, numberOf(givenOption), value);
    return this;
  }

  /** Reads an option by its number or short name. */
  getsockopt(givenOption: number | ShortOption): string | number | boolean | null {
    return getOption(stateOf(this).socket, numberOf(givenOption));
  }
}

function start(socket: Socket): void {
  const state = new State(socket.type, socket);
  STATES.set(socket, state);
  void state.receive();
}

/** A socket of zeromq.js 5. */
export interface Socket extends EventSocket {}

/** The class of sockets of zeromq.js 5; without `new` as well, as constructors do that were written before classes. */
export const Socket: typeof EventSocket & ((type: SocketType) => Socket) = new Proxy(EventSocket, {
  apply(_target, socket: unknown, [type]: [SocketType]) {
    if (!(socket instanceof EventSocket)) return new EventSocket(type);
    EventEmitter.call(socket);
    socket.type = type;
    start(socket);
  },
}) as typeof EventSocket & ((type: SocketType) => Socket);
Object.defineProperty(EventSocket, "name", { value: "Socket" });
Object.defineProperty(EventSocket.prototype, "constructor", { value: Socket, writable: true, configurable: true });

function subscriber(socket: Socket): types.Subscriber {
  const inner: Socket6 = stateOf(socket).socket;
  if (inner instanceof types.Subscriber) return inner;
  throw new Error("Subscriber socket required");
}

for (const [name, option] of Object.entries(options)) {
  Object.defineProperty(EventSocket.prototype, name, {
    configurable: true,
    get(this: Socket) {
      return this.getsockopt(option);
    },
    set(this: Socket, value: unknown) {
      this.setsockopt(option, typeof value === "string" ? Buffer.from(value, "utf8") : value);
    },
  });
}
