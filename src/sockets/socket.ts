/**
 * What every socket has: endpoints, events and an end. Sending and receiving come with the classes beside this one.
 *
 * @module
 */

import { symbolOf } from "../base/brand.ts";
import { amount } from "../base/checks.ts";
import type { Clock } from "../base/clock.ts";
import type { SocketEvents } from "../engine/events.ts";
import { SocketCore } from "../engine/socket_core.ts";
import type { Context } from "../engine/context.ts";
import { mechanismOf } from "../engine/mechanisms.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { peerChoice } from "../engine/option_checks.ts";
import type { PeerStatistics, SocketStatistics } from "../engine/statistics.ts";
import type { WaitOptions } from "../engine/waits/wait_list.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { Link } from "../transport/transport.ts";
import type { SocketType } from "./socket_type.ts";

/** Options of {@link Socket.close}. */
export interface CloseOptions {
  /** How long to wait for queued messages to go out and be read, in ms; −1 without end, 0 not at all. Default: the socket's `linger`. */
  readonly linger?: number;
}

/** A method that tells of a socket's end, to the other copies of this library as well; see `closing.ts`. */
export const WHEN_CLOSED: symbol = symbolOf("whenClosed");

/** A method that gives a socket's clock, to the other copies of this library as well; see `clock.ts`. */
export const CLOCK: symbol = symbolOf("clock");

/** The machinery of a socket, for the classes of this folder. */
export let coreOf: (socket: Socket) => SocketCore;

/** The behaviour of a socket of this type. */
export function patternOf<Behaviour extends Pattern>(
  socket: Socket,
  _definition: SocketDefinition<never, Behaviour>,
): Behaviour {
  return coreOf(socket).pattern as Behaviour;
}

/** What every socket type has. Use one of its subclasses, such as `Push`. */
export abstract class Socket implements AsyncDisposable {
  readonly #core: SocketCore;

  static {
    coreOf = (socket) => socket.#core;
    Object.defineProperty(Socket.prototype, WHEN_CLOSED, {
      value(this: Socket, act: () => void): () => void {
        return this.#core.closers.add(act);
      },
    });
    Object.defineProperty(Socket.prototype, CLOCK, {
      value(this: Socket): Clock {
        return this.#core.clock;
      },
    });
  }

  /** @ignore Sockets are made by the classes of this library. */
  protected constructor(definition: SocketDefinition, options: { readonly context?: Context }) {
    this.#core = new SocketCore(definition, options);
  }

  /** The socket type, in ZeroMQ's own name: `PUSH`, `REQ`, … */
  get type(): SocketType {
    return this.#core.definition.name as SocketType;
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /** Where the names of `inproc://` endpoints belong to. */
  get context(): Context {
    return this.#core.context;
  }

  /** The endpoint that was bound or connected last, in canonical form and with its real port; null before. */
  get lastEndpoint(): string | null {
    return this.#core.lastEndpoint;
  }

  /** The security mechanism that the options ask for; null is NULL. */
  get securityMechanism(): "plain" | "curve" | null {
    return mechanismOf(this.#core.settings);
  }

  /** Counts of messages and bytes since the socket was made, and the same for each peer that is connected. */
  statistics(): SocketStatistics {
    return this.#core.statistics();
  }

  /** What happens to endpoints and connections: for listeners, and for `for await`. */
  get events(): SocketEvents {
    return this.#core.events;
  }

  /** How many peers are connected, with their handshake complete. */
  get peerCount(): number {
    return this.#core.peerCount;
  }

  /**
   * Accepts connections on an endpoint.
   *
   * @param endpoint Such as `tcp://127.0.0.1:5555`; port 0 or `*` takes a free port, host `*` all interfaces. Or such as
   * `ipc:///tmp/jobs.sock`; `ipc://*` makes a path up, `ipc://@name` is a name in Linux's abstract namespace. A socket file
   * on which nobody listens any more is replaced, anything else at the path is left alone. Or such as `inproc://jobs`, for
   * sockets of the same `Context`.
   * @returns The endpoint as it is bound, with the real port.
   * @throws {TypeError} If the endpoint is not well formed.
   * @throws {ZmqError} `EADDRINUSE`, `EADDRNOTAVAIL`, `ENODEV` (no interface and no host has that name), `ENOENT` or `ENOTDIR`
   * (the folder of an ipc path), `EACCES` or `EMFILE` if it cannot be bound; `ENOTSOCK` if the socket is closed;
   * `ENOTSUP` for an abstract name where `capability.ipcAbstract` is false.
   *
   * @example
   * ```ts
   * import { Pull } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * console.log(await pull.bind("tcp://127.0.0.1:0")); // tcp://127.0.0.1:49152, say
   * ```
   */
  bind(endpoint: string): Promise<string> {
    return this.#core.bind(endpoint);
  }

  /**
   * No longer accepts connections on an endpoint, and closes those that came in there. What is queued for their peers still
   * goes out within the socket's `linger`; what has arrived from them can still
   * be received.
   *
   * @param endpoint As it was given to `bind`, or as `bind` returned it.
   * @throws {ZmqError} `ENOENT` if it is not bound.
   */
  unbind(endpoint: string): Promise<void> {
    return this.#core.unbind(endpoint);
  }

  /**
   * Connects to an endpoint in the background, now and again after every loss. The peer need not exist yet.
   *
   * @param endpoint Such as `tcp://127.0.0.1:5555`, `ipc:///tmp/jobs.sock` or `inproc://jobs`; `tcp://192.0.2.1:0;host:5555`
   * connects from that source address.
   * @throws {TypeError} If the endpoint is not well formed.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed; `EADDRINUSE` if it is a `Pair` that has its peer.
   */
  connect(endpoint: string): void {
    this.#core.connect(endpoint);
  }

  /**
   * Ends what `connect` began. Messages queued for the endpoint still go out within the socket's `linger`; what has arrived
   * from it can still be received (libzmq discards them).
   *
   * @param endpoint As it was given to `connect`.
   * @throws {ZmqError} `ENOENT` if it is not connected.
   */
  disconnect(endpoint: string): void {
    this.#core.disconnect(endpoint);
  }

  /**
   * Closes the connections of peers, now: a peer that misbehaves, or a user or key that may no longer connect. What is queued
   * for them is dropped; what has arrived from them can still be received. Nothing keeps a peer from coming back but the
   * authenticator. A connection that was made by `connect` is made again, as after a loss, unless its endpoint is
   * disconnected, and keeps what is queued for it.
   *
   * Where peers are authenticated, a function also ends the handshakes that are in progress, because a decision about those
   * peers may be older than this call: they reconnect, and are authenticated anew. Connections that end are reported by
   * `disconnect:local` events.
   *
   * @param which A peer out of `statistics().peers`, a routing id, or a function that returns `true` for each peer to close.
   * @returns How many peers were connected and are not any more.
   * @throws {TypeError} If it is none of these, {@linkcode RangeError} if the routing id is empty or longer than 255 bytes.
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
    return this.#core.disconnectPeer(peerChoice(which));
  }

  /**
   * Talks over a byte stream that the program opened itself, as if its peer had come in at a bound endpoint: TLS, a pipe, a
   * serial line. The link belongs to the socket from now on; when it is gone, it is gone for good.
   *
   * @param link Must not be started, and must keep all that {@linkcode Link} promises.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  attach(link: Link): void {
    this.#core.attach(link);
  }

  /**
   * Waits until at least `count` peers are connected, with their handshake complete.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `count` is not a number, {@linkcode RangeError} if it is not a whole number of at least 0.
   */
  async waitForPeers(count: number, options?: WaitOptions): Promise<void> {
    const wanted = amount("count", count);
    await this.#core.waitUntil(() => this.#core.peerCount >= wanted, options);
  }

  /**
   * Closes the socket: all waits end with `ENOTSOCK`, iterations end quietly, and queued messages go out within `linger`.
   * Within `linger` it also waits until the peers that were sent messages end their side, which they do when they have read
   * everything. Later calls return the first one's promise; one whose `linger` is over sooner ends the wait then.
   *
   * @returns How many messages were given up because they could not be sent in time.
   * @throws {TypeError} If `linger` is not a number, {@linkcode RangeError} if it is not one of the allowed.
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
    return this.#core.close(options?.linger);
  }

  /**
   * Has the socket keep the process alive no longer, whatever it does, as `unref` of Node's own sockets: its endpoints and
   * connections, and also waits that are pending. The process ends when nothing else keeps it alive; what is queued then is lost.
   *
   * By default an open socket keeps the process alive while it is bound or connected (but for `inproc://`), and while a `send`,
   * `receive` or other wait is pending.
   *
   * @returns The socket.
   *
   * @example
   * ```ts
   * import { Publisher } from "@monocoque/zmq";
   *
   * const metrics = new Publisher().unref(); // the program ends when its work is done
   * await metrics.bind("tcp://127.0.0.1:0");
   * ```
   */
  unref(): this {
    this.#core.hold.unref();
    return this;
  }

  /**
   * Undoes {@linkcode Socket.unref}.
   *
   * @returns The socket.
   */
  ref(): this {
    this.#core.hold.ref();
    return this;
  }

  /** Closes the socket: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
