/**
 * The base class of the sockets of zeromq.js.
 *
 * More than 20 members because zeromq.js has them: a getter and a setter for each of six types of options.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { assignOptions, requireAddress, requireCount, requireOptions } from "./arguments.ts";
import { type Context, context as defaultContext, partsOf } from "./context.ts";
import { errnoError } from "./errors.ts";
import { Observer, setNative } from "./observer.ts";
import { COMMON, type OptionKind, type OptionValue } from "./option_table.ts";
import { requireId } from "./option_values.ts";
import { type CommonOptions, defineOptions, defineReadOnly, type SocketType } from "./socket_options.ts";
import { SocketState } from "./socket_state.ts";
import type { Options } from "./type_tools.ts";

/** The options of the constructor of a socket. */
export type SocketOptions<S extends Socket> = Options<S, { context: Context }>;

/** A routing id that is set by its number in zmq.h applies to the next `connect`. */
const CONNECT_ROUTING_ID = 61;
const SUBSCRIBE = 6;
const UNSUBSCRIBE = 7;
const XPUB_VERBOSE = 40;
const XPUB_VERBOSER = 78;
const TYPE = 16;
const LAST_ENDPOINT = 32;
const MECHANISM = 43;
const THREAD_SAFE = 81;
const MECHANISMS = [null, "plain", "curve", "gssapi"] as const;

/** Blocks a socket while a proxy runs, and closes it afterwards. */
export let stateOf: (socket: Socket) => SocketState;

/** A socket. Use one of its subclasses, such as `Push`. */
export abstract class Socket {
  readonly #state: SocketState;
  #events: Observer | undefined;

  static {
    stateOf = (socket) => socket.#state;
    defineOptions(Socket.prototype, COMMON);
    defineReadOnly(Socket.prototype, {
      type: (socket: Socket) => socket.getInt32Option(TYPE),
      lastEndpoint: (socket: Socket) => socket.getStringOption(LAST_ENDPOINT),
      securityMechanism: (socket: Socket) => MECHANISMS[socket.getInt32Option(MECHANISM)],
      threadSafe: (socket: Socket) => socket.getBoolOption(THREAD_SAFE),
    });
    // Not methods of the class to the compiler, because a type that only sends does not receive.
    Object.defineProperties(Socket.prototype, {
      send: {
        configurable: true,
        writable: true,
        value: function send(this: Socket, message: unknown): Promise<void> {
          if (message === undefined) throw new TypeError("Message must be present");
          if (arguments.length > 1) requireCount(arguments.length, 1);
          const state = this.#state;
          if (!state.open) state.requireOpen();
          return state.traffic.send(message, this);
        },
      },
      receive: {
        configurable: true,
        writable: true,
        value: receive,
      },
      [Symbol.asyncIterator]: { configurable: true, writable: true, value: iterate },
    });
  }

  /**
   * Creates a socket of a type.
   *
   * @param type Its number in zmq.h.
   * @throws {TypeError} If an option is unknown or has the wrong type.
   * @throws {ErrnoError} `EINVAL` if there is no such type, or a value is not permitted; `EMFILE` if the context has
   * `maxSockets` sockets.
   */
  // deno-lint-ignore ban-types
  protected constructor(type: SocketType, options?: {}) {
    if (typeof type !== "number") throw new TypeError("Socket type must be a number");
    requireOptions(options);
    requireCount(arguments.length, 2);
    const { context = defaultContext, ...others } = (options ?? {}) as { readonly context?: Context };
    const parts = partsOf(context);
    if (parts === undefined) throw new Error("Invalid argument");
    this.#state = new SocketState(type, context, parts);
    setNative(this, this.#state.native);
    this.#state.register(this);
    Object.seal(this);
    assignOptions(this, others);
  }

  /** The observer of this socket. */
  get events(): Observer {
    return this.#events ??= new Observer(this);
  }

  /** The context of this socket; `undefined` after it was closed. */
  get context(): Context {
    return this.#state.context as Context;
  }

  /** True after the socket was closed. */
  get closed(): boolean {
    return this.#state.closed;
  }

  /** True if a message can be received now. */
  get readable(): boolean {
    return !this.#state.closed && this.#state.traffic.readable;
  }

  /** True if a message can be queued now. */
  get writable(): boolean {
    return !this.#state.closed && this.#state.traffic.writable;
  }

  /**
   * Closes the socket. Queued messages are sent in the background, within `linger`. During `bind` and `unbind` it is
   * closed as soon as that is complete.
   */
  close(): void {
    requireCount(arguments.length, 0);
    this.#state.close();
  }

  /**
   * Binds an endpoint, such as `tcp://127.0.0.1:5555`. Port `*` selects a free one, which `lastEndpoint` has. Until the
   * promise resolves, other calls fail with `EBUSY`.
   *
   * @throws {ErrnoError} `EADDRINUSE`, `EADDRNOTAVAIL`, `ENODEV`, `EINVAL`, `EPROTONOSUPPORT` and others, with `address`.
   */
  bind(address: string): Promise<void> {
    requireAddress(address, arguments.length);
    return this.#state.bind(address);
  }

  /** Binds an endpoint. `EADDRINUSE` is thrown; what is found out later is a warning of the process. */
  bindSync(address: string): void {
    requireAddress(address, arguments.length);
    this.#state.bindSync(address);
  }

  /**
   * Unbinds an endpoint. Until the promise resolves, other calls fail with `EBUSY`.
   *
   * @throws {ErrnoError} `ENOENT` if it is not bound, `EINVAL`, `EPROTONOSUPPORT`, with `address`.
   */
  unbind(address: string): Promise<void> {
    requireAddress(address, arguments.length);
    return this.#state.unbind(address);
  }

  /** Unbinds an endpoint in the background; an error is thrown as by `unbind`. */
  unbindSync(address: string): void {
    requireAddress(address, arguments.length);
    this.#state.unbindSync(address);
  }

  /**
   * Connects to an endpoint in the background.
   *
   * @throws {ErrnoError} `EINVAL`, `EPROTONOSUPPORT` and others, with `address`.
   */
  connect(address: string): void {
    requireAddress(address, arguments.length);
    this.#state.connect(address);
  }

  /**
   * Disconnects from an endpoint.
   *
   * @throws {ErrnoError} `ENOENT` if it is not connected, with `address`.
   */
  disconnect(address: string): void {
    requireAddress(address, arguments.length);
    this.#state.disconnect(address);
  }

  #get(option: number, kind: OptionKind): OptionValue {
    requireId(option);
    const state = this.#state;
    if (state.closed) throw errnoError("ENOTSOCK");
    switch (option) {
      case TYPE:
        return state.type;
      case LAST_ENDPOINT:
        return state.lastEndpoint;
      case MECHANISM:
        return MECHANISMS.indexOf(state.security.mechanism);
      case THREAD_SAFE:
        return false;
      default:
        return state.values.get(option, kind);
    }
  }

  #set(option: number, kind: OptionKind, value: unknown): void {
    requireId(option);
    const state = this.#state;
    if (state.closed) throw errnoError("ENOTSOCK");
    switch (option) {
      case SUBSCRIBE:
      case UNSUBSCRIBE:
        return state.subscribe(option === SUBSCRIBE, value);
      case CONNECT_ROUTING_ID:
        return state.connectAs(value);
      case XPUB_VERBOSE:
      case XPUB_VERBOSER:
        return state.setVerbosity(value === true ? option === XPUB_VERBOSE ? "allSubs" : "allSubsUnsubs" : null);
      default:
        return state.setOption(option, kind, value);
    }
  }

  /** Reads an option by its number in zmq.h. */
  protected getBoolOption(option: number): boolean {
    return this.#get(option, "Bool") as boolean;
  }

  /** Sets an option by its number in zmq.h. */
  protected setBoolOption(option: number, value: boolean): void {
    this.#set(option, "Bool", value);
  }

  /** Reads an option by its number in zmq.h. */
  protected getInt32Option(option: number): number {
    return this.#get(option, "Int32") as number;
  }

  /** Sets an option by its number in zmq.h. */
  protected setInt32Option(option: number, value: number): void {
    this.#set(option, "Int32", value);
  }

  /** Reads an option by its number in zmq.h. */
  protected getUint32Option(option: number): number {
    return this.#get(option, "Uint32") as number;
  }

  /** Sets an option by its number in zmq.h. */
  protected setUint32Option(option: number, value: number): void {
    this.#set(option, "Uint32", value);
  }

  /** Reads an option by its number in zmq.h. */
  protected getInt64Option(option: number): number {
    return this.#get(option, "Int64") as number;
  }

  /** Sets an option by its number in zmq.h. */
  protected setInt64Option(option: number, value: number): void {
    this.#set(option, "Int64", value);
  }

  /** Reads an option by its number in zmq.h. */
  protected getUint64Option(option: number): number {
    return this.#get(option, "Uint64") as number;
  }

  /** Sets an option by its number in zmq.h. */
  protected setUint64Option(option: number, value: number): void {
    this.#set(option, "Uint64", value);
  }

  /** Reads an option by its number in zmq.h. */
  protected getStringOption(option: number): string | null {
    return this.#get(option, "String") as string | null;
  }

  /** Sets an option by its number in zmq.h. */
  protected setStringOption(option: number, value: string | Buffer | null): void {
    this.#set(option, "String", value);
  }
}

/** The options of every socket. */
export interface Socket extends CommonOptions {}

function receive(this: Socket): Promise<Buffer[]> {
  if (arguments.length > 0) requireCount(arguments.length, 0);
  const state = stateOf(this);
  if (!state.open) state.requireOpen();
  return state.traffic.receive(this);
}

/** A socket that receives, for the iterator. */
interface Receiver {
  readonly closed: boolean;
  receive(): Promise<Buffer[]>;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

function iterate(this: Socket & Receiver): AsyncIterator<Buffer[], undefined> {
  const state = stateOf(this);
  return {
    next: () => {
      if (state.closed) return Promise.resolve(DONE);
      // A subclass may have a `receive` of its own.
      const ready = state.open && this.receive === receive ? state.traffic.next() : undefined;
      return ready ?? nextOf(this);
    },
  };
}

async function nextOf(socket: Receiver): Promise<IteratorResult<Buffer[], undefined>> {
  try {
    return { done: false, value: await socket.receive() };
  } catch (error) {
    if (socket.closed && (error as { readonly code?: unknown }).code === "EAGAIN") return DONE;
    throw error;
  }
}
