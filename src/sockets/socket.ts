/**
 * The base class of all sockets: endpoints, events and closing. The classes beside it add sending and receiving.
 *
 * More than 20 members because all that a program can ask of any socket is here. Over 400 lines because each is documented
 * with an example.
 *
 * @module
 */

import { requireSignal, whenAborted } from "../base/abort.ts";
import { symbolOf } from "../base/brand.ts";
import { amount, onlyOptions } from "../base/checks.ts";
import { type Clock, microtask } from "../base/clock.ts";
import { contextLines, showAs, socketLines } from "../diagnostics/inspect.ts";
import type { EndpointStatus } from "../engine/endpoints/endpoint_status.ts";
import { publishSocket } from "../base/channels.ts";
import type { SocketEvents } from "../engine/events.ts";
import { SocketCore } from "../engine/socket_core.ts";
import { Context, type OpenSocket } from "../engine/context.ts";
import { mechanismOf } from "../engine/mechanisms.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { peerChoice } from "../engine/option_checks.ts";
import type { PeerStatistics, SocketStatistics } from "../engine/statistics.ts";
import { timeoutAdvice, type WaitOptions } from "../engine/waits/wait_list.ts";
import type { DropReason } from "../routing/drops.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { EndpointOptions } from "../schemes/endpoint_options.ts";
import type { Link } from "../transport/transport.ts";
import type { SocketType } from "./socket_type.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Socket.close}. */
export interface CloseOptions {
  /**
   * Timeout in ms for queued messages to be sent and read; −1 waits forever, 0 does not wait. Default: the socket's
   * `linger`.
   */
  readonly linger?: number | undefined;
}

/** Options of {@link Socket.unref}. */
export interface UnrefOptions {
  /**
   * `"waits"`: a pending `send`, `receive`, `close` or other wait still keeps the process alive. Default: nothing does.
   */
  readonly except?: "waits" | undefined;
}

/** Key of a method that reports the end of a socket, also to other copies of this library; see `closing.ts`. */
export const WHEN_CLOSED: symbol = symbolOf("whenClosed");

/** Key of a method that returns a socket's clock, also to other copies of this library; see `clock.ts`. */
export const CLOCK: symbol = symbolOf("clock");

/** Key of a method that returns `repliesOnly` of a socket's type, also to other copies of this library; see `replies.ts`. */
export const REPLIES_ONLY: symbol = symbolOf("repliesOnly");

/** Key of a method that counts a message as dropped, also to other copies of this library; see `drops.ts`. */
export const COUNT_DROP: symbol = symbolOf("countDrop");

/** Key of a method of a Router, also of another copy of this library: true if a peer with this routing id is connected. */
export const HAS_PEER: symbol = symbolOf("hasPeer");

/** Calls `act` in a microtask after the signal: a wait would keep the process alive. */
function soonAfter(signal: AbortSignal, act: () => void): () => void {
  let wanted = true;
  const aborted = () =>
    microtask(() => {
      if (wanted) act();
    });
  const unlisten = whenAborted(signal, aborted);
  if (signal.aborted) aborted();
  return () => {
    wanted = false;
    unlisten();
  };
}

/** Returns the engine of a socket, for the classes in this directory. */
export let coreOf: (socket: Socket) => SocketCore;

/** Returns the pattern of a socket of this type. */
export function patternOf<Behavior extends Pattern>(
  socket: Socket,
  _definition: SocketDefinition<never, Behavior>,
): Behavior {
  return coreOf(socket).pattern as Behavior;
}

/** The methods and properties of every socket type. Use one of its subclasses, such as `Push`. */
export abstract class Socket implements AsyncDisposable, OpenSocket {
  readonly #core: SocketCore;

  static {
    coreOf = (socket) => socket.#core;
    showAs(Socket.prototype, socketLines);
    showAs(Context.prototype, ({ openSockets }) => contextLines(openSockets));
    Object.defineProperty(Socket.prototype, WHEN_CLOSED, {
      value(this: Socket, act: () => void): () => void {
        return soonAfter(this.#core.signal, act);
      },
    });
    Object.defineProperty(Socket.prototype, CLOCK, {
      value(this: Socket): Clock {
        return this.#core.clock;
      },
    });
    Object.defineProperty(Socket.prototype, COUNT_DROP, {
      value(this: Socket, reason: DropReason): void {
        this.#core.drops.add(reason);
      },
    });
    Object.defineProperty(Socket.prototype, REPLIES_ONLY, {
      value(this: Socket): boolean {
        return this.#core.definition.repliesOnly === true;
      },
    });
  }

  /**
   * @ignore Sockets are created by the classes of this library.
   */
  protected constructor(definition: SocketDefinition, options: { readonly context?: Context }) {
    this.#core = new SocketCore(definition, options);
    this.#core.handle = this;
    publishSocket(this);
  }

  /** The socket type by its ZeroMQ name: `PUSH`, `REQ`, … */
  get type(): SocketType {
    return this.#core.definition.name as SocketType;
  }

  /** The number of this socket in the process, from 1; `PUSH#3` in logs. */
  get id(): number {
    return this.#core.id;
  }

  /** `true` after `close` was called. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** The context in which `inproc://` names are registered. */
  get context(): Context {
    return this.#core.context;
  }

  /**
   * The endpoint that was bound or connected last, in canonical form and with the actual port; null if there is none.
   */
  get lastEndpoint(): string | null {
    return this.#core.endpoints.last;
  }

  /**
   * Every bound and connected endpoint at the time of the call, bound ones first: its state, since when, attempts, the
   * last error, and its peer.
   *
   * @example
   * ```ts
   * import { Push } from "@monocoque/zmq";
   *
   * await using push = new Push({ linger: 0 });
   * push.connect("tcp://127.0.0.1:9");
   * const [{ endpoint, state, attempts, lastError }] = push.endpoints as [Push["endpoints"][number]];
   * console.log(endpoint, state, attempts, lastError?.message); // tcp://127.0.0.1:9 connecting 1 undefined
   * ```
   */
  get endpoints(): readonly EndpointStatus[] {
    return this.#core.endpoints.status();
  }

  /**
   * The connected peers at the time of the call, as in `statistics().peers`: address, routing id, mechanism, user id,
   * and the messages and bytes queued in each direction.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * push.connect(await pull.bind("tcp://127.0.0.1:0"));
   * await push.waitForPeers(1);
   * for (const { remote, peerType, queued, queuedBytes } of push.peers) {
   *   console.log(remote, peerType, queued, queuedBytes); // tcp://127.0.0.1:49152 PULL 0 0, say
   * }
   * ```
   */
  get peers(): readonly PeerStatistics[] {
    return this.#core.peers();
  }

  /** The security mechanism that the options select; null for NULL. */
  get securityMechanism(): "plain" | "curve" | null {
    return mechanismOf(this.#core.settings);
  }

  /** Returns counts of messages and bytes since the socket was created, in total and per connected peer. */
  statistics(): SocketStatistics {
    if (arguments.length > 0) refuseSurplus("statistics()", 0, arguments[0]);
    return this.#core.statistics();
  }

  /** Events of endpoints and connections, for listeners and for `for await`. */
  get events(): SocketEvents {
    return this.#core.events;
  }

  /** Number of connected peers that completed their handshake. */
  get peerCount(): number {
    return this.#core.peerCount;
  }

  /**
   * Binds an endpoint and accepts connections on it.
   *
   * @param endpoint For example:
   * - `tcp://127.0.0.1:5555`. Port 0 or `*` selects a free port, host `*` all interfaces.
   * - `ipc:///tmp/jobs.sock`. `ipc://*` generates a path, and `ipc://@name` is a name in Linux's abstract namespace. A
   *   socket file without a listener is replaced; any other file at the path is left unchanged.
   * - `inproc://jobs`, for sockets of the same `Context`, also in other threads ({@linkcode Context.share}).
   * - `ws://127.0.0.1:5555/jobs` and `wss://127.0.0.1:5555/jobs`, WebSocket (ZWS 2.0, RFC 45), not for a `Stream`.
   * @param options Options of the scheme: {@linkcode WebSocketBindOptions} for `ws`, {@linkcode SecureWebSocketBindOptions} for
   * `wss`, which requires `cert` and `key`; tcp, ipc and inproc have none.
   * @returns The bound endpoint, with the actual port.
   * @throws {TypeError} If the endpoint is malformed, or its scheme does not have an option.
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `ENODEV` (no such interface or host), `ENOENT` or `ENOTDIR` (the
   * directory of an ipc path), `EACCES` or `EMFILE` if it cannot be bound; `ENOTSOCK` if the socket is closed;
   * `ENOTSUP` for an abstract name if `capability.ipcAbstract` is false.
   *
   * @example
   * ```ts
   * import { Pull } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * console.log(await pull.bind("tcp://127.0.0.1:0")); // tcp://127.0.0.1:49152, say
   * ```
   */
  async bind(endpoint: string, options?: EndpointOptions<"bind">): Promise<string> {
    if (arguments.length > 2) refuseSurplus("bind()", 2, arguments[2]);
    return await this.#core.endpoints.bind(endpoint, options);
  }

  /**
   * Unbinds an endpoint and closes the connections that were accepted on it. Messages queued for these peers are still
   * sent within the socket's `linger`; messages that arrived from them can still be received.
   *
   * @param endpoint The endpoint as passed to `bind`, or as returned by it.
   * @throws {ZmqError} `ENOENT` if it is not bound.
   */
  async unbind(endpoint: string): Promise<void> {
    if (arguments.length > 1) refuseSurplus("unbind()", 1, arguments[1]);
    await this.#core.endpoints.unbind(endpoint);
  }

  /**
   * Connects to an endpoint in the background, and reconnects after each loss. The peer need not exist yet.
   *
   * @param endpoint For example `tcp://127.0.0.1:5555`, `ipc:///tmp/jobs.sock`, `inproc://jobs` or `ws://127.0.0.1:5556/jobs`;
   * `tcp://192.0.2.1:0;host:5555` connects from that source address.
   * @param options Options of the scheme: {@linkcode WebSocketConnectOptions} for `ws`,
   * {@linkcode SecureWebSocketConnectOptions} for `wss`; tcp, ipc and inproc have none.
   * @throws {TypeError} If the endpoint is malformed, or its scheme does not have an option.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed; `EADDRINUSE` if it is a `Pair` that already has a peer.
   */
  connect(endpoint: string, options?: EndpointOptions<"connect">): void {
    if (arguments.length > 2) refuseSurplus("connect()", 2, arguments[2]);
    this.#core.endpoints.connect(endpoint, options);
  }

  /**
   * Disconnects from an endpoint. Messages queued for it are still sent within the socket's `linger`; messages that
   * arrived from it can still be received (libzmq discards them).
   *
   * @param endpoint The endpoint as passed to `connect`.
   * @throws {ZmqError} `ENOENT` if it is not connected.
   */
  disconnect(endpoint: string): void {
    if (arguments.length > 1) refuseSurplus("disconnect()", 1, arguments[1]);
    this.#core.endpoints.disconnect(endpoint);
  }

  /**
   * Closes the connections of some peers immediately, for example of a misbehaving peer, or of a user whose access was
   * revoked. Messages queued for them are dropped; messages that arrived from them can still be received. Only the
   * authenticator can keep a peer from reconnecting. A connection that was made by `connect` is reestablished as after
   * a loss, and keeps its queued messages, unless its endpoint is disconnected.
   *
   * If peers are authenticated and `which` is a function, handshakes in progress are closed as well, because their
   * authentication may precede this call: those peers reconnect and are authenticated again. Closed connections are
   * reported by `disconnect:local` events.
   *
   * @param which A peer from `statistics().peers`, a routing id, or a function that returns `true` for each peer to
   * disconnect.
   * @returns The number of peers that were disconnected.
   * @throws {TypeError} If `which` is none of these; {@linkcode RangeError} if the routing id is empty or longer than
   * 255 bytes.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   *
   * @example
   * ```ts
   * import { Authenticator, Dealer, Router } from "@monocoque/zmq";
   *
   * const authenticate = new Authenticator().addUser("ann", "secret");
   * await using router = new Router({ plainServer: true, authenticate });
   * await using dealer = new Dealer({ plainUsername: "ann", plainPassword: "secret" });
   * dealer.connect(await router.bind("tcp://127.0.0.1:0"));
   * await router.waitForPeers(1);
   *
   * authenticate.removeUser("ann");
   * const count = router.disconnectPeer((peer) => peer.userId === "ann");
   * if (count !== 1) throw new Error("unexpected");
   * ```
   */
  disconnectPeer(which: PeerStatistics | Uint8Array | string | ((peer: PeerStatistics) => boolean)): number {
    if (arguments.length > 1) refuseSurplus("disconnectPeer()", 1, arguments[1]);
    return this.#core.disconnectPeer(peerChoice(which));
  }

  /**
   * Uses a byte stream that the program opened, such as TLS, a pipe or a serial line, as if its peer had connected to a
   * bound endpoint. The link belongs to the socket from now on; when it ends, the socket does not reconnect.
   *
   * @param link A link that was not started, and that fulfils the contract of {@linkcode Link}.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  attach(link: Link): void {
    if (arguments.length > 1) refuseSurplus("attach()", 1, arguments[1]);
    this.#core.attach(link);
  }

  /**
   * Waits until at least `count` peers are connected and have completed their handshake.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `count` is not a number; {@linkcode RangeError} if it is not an integer of at least 0.
   */
  async waitForPeers(count: number, options?: WaitOptions): Promise<void> {
    if (arguments.length > 2) refuseSurplus("waitForPeers()", 2, arguments[2]);
    const wanted = amount("count", count);
    if (options !== undefined) onlyOptions("waitForPeers()", options, ["signal"], timeoutAdvice);
    requireSignal("waitForPeers()", options?.signal);
    await this.#core.waitUntil(() => this.#core.peerCount >= wanted, options);
  }

  /**
   * Closes the socket: pending waits fail with `ENOTSOCK`, iterations end, and queued messages are sent within
   * `linger`. Within `linger` it also waits until the peers that received messages close their side, which they do
   * after reading everything. Later calls return the promise of the first call; one with a shorter `linger` shortens
   * the wait.
   *
   * @returns The number of messages that were dropped because they could not be sent in time.
   * @throws {TypeError} If `linger` is not a number; {@linkcode RangeError} if it is out of range.
   *
   * @example
   * ```ts
   * import { Push } from "@monocoque/zmq";
   *
   * const push = new Push();
   * push.connect("tcp://127.0.0.1:9");
   * await push.send("nobody will take this");
   * if (await push.close({ linger: 0 }) !== 1) throw new Error("unexpected");
   * ```
   */
  close(options?: CloseOptions): Promise<number> {
    try {
      if (arguments.length > 1) refuseSurplus("close()", 1, arguments[1]);
      if (options !== undefined) onlyOptions("close()", options, ["linger"]);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#core.close(options?.linger);
  }

  /**
   * Lets the process exit while this socket is open, like `unref` of Node's sockets: endpoints, connections and pending
   * waits no longer keep the process alive. Messages that are queued when it exits are lost.
   *
   * By default an open socket keeps the process alive while it is bound or connected (except over `inproc://`), and
   * while a `send`, `receive` or other wait is pending. With `{ except: "waits" }` it does so only while one is pending,
   * as with zeromq.js.
   *
   * @returns The socket.
   * @throws {TypeError} If `except` is anything else, or there is an unknown option.
   *
   * @example
   * ```ts
   * import { Publisher } from "@monocoque/zmq";
   *
   * const metrics = new Publisher().unref(); // the program ends when its work is done
   * await metrics.bind("tcp://127.0.0.1:0");
   * ```
   */
  unref(options?: UnrefOptions): this {
    if (options !== undefined) onlyOptions("unref()", options, ["except"]);
    if (arguments.length > 1) refuseSurplus("unref()", 1, arguments[1]);
    const except = options?.except;
    if (except !== undefined && except !== "waits") throw new TypeError('except of unref() must be "waits"');
    if (except === undefined) this.#core.hold.unref();
    else this.#core.hold.unrefLinks();
    return this;
  }

  /**
   * Undoes {@linkcode Socket.unref}.
   *
   * @returns The socket.
   */
  ref(): this {
    if (arguments.length > 0) refuseSurplus("ref()", 0, arguments[0]);
    this.#core.hold.ref();
    return this;
  }

  /** Calls `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
