/**
 * What all socket types share: endpoints, connections and pipes, and their end. The socket type itself is a pattern.
 *
 * @module
 */

import { Endpoint, type EndpointUse } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { NullMechanism } from "../security/null.ts";
import { type Link, transportFor, type TransportLoader } from "../transport.ts";
import { SlabPool } from "../zmtp/batch_encoder.ts";
import { DEFAULT_LIMITS } from "../zmtp/limits.ts";
import { ownMetadata, type PeerInfo, type SessionOptions } from "../zmtp/session.ts";
import type { SocketType } from "../zmtp/socket_type.ts";
import { type BindingOwner, Bindings } from "./bindings.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Dialer, type DialerOwner } from "./dialer.ts";
import { EventHub, lossEvent, type SocketEvent } from "./events.ts";
import { type AnyOptions, resolveOptions, type Settings, time } from "./options.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { SendQueue } from "./send_queue.ts";
import { WaitList, type WaitOptions } from "./wait_list.ts";
import { type PipeHost, WirePipe } from "./wire_pipe.ts";

/** Types for which a second `connect` to the same endpoint does nothing, as in libzmq. */
const CONNECT_ONCE: readonly SocketType[] = ["DEALER", "SUB", "PUB", "REQ"];

/** What is known of a live connection. */
interface ConnectionRecord {
  /** Who dialed it; `undefined` for a connection that was accepted. */
  readonly dialer: Dialer | undefined;
  /** From the end of the handshake until the connection is ending. */
  pipe: WirePipe | undefined;
  handshaken: boolean;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** The machinery of one socket. */
export class SocketCore implements PipeHost, BindingOwner, ConnectionOwner, DialerOwner {
  readonly type: SocketType;
  readonly pattern: Pattern;
  readonly settings: Settings;
  readonly events: EventHub = new EventHub();
  readonly sending: SendQueue;
  readonly receiving: ReceiveQueue;

  readonly #session: SessionOptions;
  readonly #metadata: Uint8Array;
  // Shared by all connections of a socket: only those with unsent bytes hold a slab.
  readonly #slabs = new SlabPool();
  readonly #bindings: Bindings;
  readonly #dialers = new Set<Dialer>();
  /** Dialers no longer in use that still have messages to send. */
  readonly #retiring = new Set<Dialer>();
  readonly #connections = new Map<Connection, ConnectionRecord>();
  /** Pipes that the pattern knows. */
  readonly #attached = new Set<WirePipe>();
  readonly #peerWaits = new WaitList<() => boolean, void>("The peers did not come");
  #ending: Promise<number> | undefined;
  /** Called when the last connection is gone, while closing. */
  #onEmpty: (() => void) | undefined;
  /** Peers whose handshake is complete and whose connection is not ending. */
  #peers = 0;
  /** Messages dropped since `close` was called. */
  #givenUp = 0;

  constructor(type: SocketType, pattern: Pattern, options: AnyOptions) {
    this.type = type;
    this.pattern = pattern;
    this.settings = resolveOptions(options);
    const { maxMessageSize, maxFrames, handshakeInterval, heartbeatInterval, heartbeatTimeout } = this.settings;
    this.#session = {
      socketType: type,
      identity: this.settings.routingId,
      limits: { ...DEFAULT_LIMITS, maxFrameSize: maxMessageSize, maxFrames, maxMessageSize, handshakeInterval },
      heartbeat: {
        interval: heartbeatInterval,
        timeout: heartbeatTimeout < 0 ? heartbeatInterval : heartbeatTimeout,
        timeToLive: this.settings.heartbeatTimeToLive,
      },
    };
    this.#metadata = ownMetadata(type, this.settings.routingId);
    this.#bindings = new Bindings(this, this.settings.backlog);
    this.sending = new SendQueue(
      pattern,
      this.settings.sendTimeout,
      pattern.receiveError && (() => this.receiving.pump()),
    );
    this.receiving = new ReceiveQueue(pattern, this.settings.receiveTimeout);
  }

  /** Whether `close` has been called. */
  get closed(): boolean {
    return this.#ending !== undefined;
  }

  /** How many peers have completed their handshake and are connected. */
  get peerCount(): number {
    return this.#peers;
  }

  /** Resolves as soon as `condition` is true; it is asked again whenever peers or subscriptions change. */
  waitUntil(condition: () => boolean, options?: WaitOptions): Promise<void> {
    if (this.closed) return Promise.reject(this.#closedError());
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    return condition() ? Promise.resolve() : this.#peerWaits.add(condition, -1, options?.signal).promise;
  }

  /** Asks the conditions of `waitUntil` again. */
  peersChanged(): void {
    for (const wait of this.#peerWaits) if (wait.payload()) wait.resolve();
  }

  // Endpoints.

  async bind(endpoint: string): Promise<string> {
    const { address, loader } = this.#endpoint(endpoint, "bind");
    return await this.#bindings.bind(endpoint, address, loader);
  }

  async unbind(endpoint: string): Promise<void> {
    const bound = await this.#bindings.unbind(endpoint, this.#endpoint(endpoint, "bind").address);
    // As in libzmq, what came in at an endpoint goes with it.
    for (const [connection, record] of this.#connections) {
      if (record.dialer === undefined && connection.endpoint === bound) this.#release(connection, record);
    }
  }

  connect(endpoint: string): void {
    const { address, loader } = this.#endpoint(endpoint, "connect");
    const canonical = address.toString();
    if (CONNECT_ONCE.includes(this.type)) {
      for (const dialer of this.#dialers) if (dialer.endpoint === canonical) return;
    }
    const pipe = this.pattern.queuesAhead ? this.#newPipe() : undefined;
    if (pipe !== undefined) {
      const refused = this.#attach(pipe);
      if (refused !== undefined) throw refused;
    }
    const dialer = new Dialer(address, loader, this.settings, this, pipe);
    this.#dialers.add(dialer);
    dialer.dial();
    // Whoever waits to send has a queue to send to now.
    this.sending.pump();
  }

  disconnect(endpoint: string): void {
    const { address } = this.#endpoint(endpoint, "connect");
    const canonical = address.toString();
    const dialers = [...this.#dialers].filter((dialer) => dialer.endpoint === canonical);
    if (dialers.length === 0) {
      throw new ZmqError("ENOENT", `Cannot disconnect: ${endpoint} is not connected by this socket`);
    }
    const { linger } = this.settings;
    for (const dialer of dialers) {
      this.#retire(dialer);
      if (linger >= 0 && this.#retiring.has(dialer)) dialer.expire(linger, () => this.#cut(dialer));
    }
  }

  /** Ends an accepted connection: what is queued for its peer goes out within the linger. */
  #release(connection: Connection, record: ConnectionRecord): void {
    if (!record.handshaken) return connection.abort();
    const { pipe } = record;
    if (pipe === undefined) return;
    this.#detach(pipe);
    connection.finish();
    const { linger } = this.settings;
    if (linger >= 0) record.expiry = setTimeout(() => this.#cutConnection(connection, pipe), linger);
  }

  #endpoint(endpoint: string, use: EndpointUse): { address: Endpoint; loader: TransportLoader } {
    this.requireOpen();
    const address = Endpoint.parse(endpoint, use);
    const loader = transportFor(address.scheme);
    if (loader !== undefined) return { address, loader };
    throw new ZmqError("EPROTONOSUPPORT", `Cannot ${use}: no transport is registered for ${address.scheme}://`);
  }

  // Connections.

  accepted(link: Link, endpoint: string): void {
    if (this.closed) {
      link.abort();
      return;
    }
    // Opened first: a listener may close the socket, and what it closes must be known.
    this.#open(link, endpoint, undefined);
    this.emit({ type: "accept", endpoint, remote: link.remote });
  }

  dialed(dialer: Dialer, link: Link): Connection {
    return this.#open(link, dialer.endpoint, dialer);
  }

  connected(dialer: Dialer, { remote }: Connection): void {
    this.emit({ type: "connect", endpoint: dialer.endpoint, remote });
  }

  #open(link: Link, endpoint: string, dialer: Dialer | undefined): Connection {
    const connection = new Connection(
      link,
      endpoint,
      this.#session,
      new NullMechanism(this.#metadata),
      this.#slabs,
      this,
    );
    this.#connections.set(connection, { dialer, pipe: undefined, handshaken: false, expiry: undefined });
    connection.start();
    return connection;
  }

  connectionReady(connection: Connection, peer: PeerInfo): WirePipe | ZmqError {
    const record = this.#connections.get(connection)!;
    const { dialer } = record;
    const pipe = dialer?.pipe ?? this.#newPipe();
    pipe.identity = peer.identity;
    pipe.connect(connection);
    if (dialer?.pipe === undefined) {
      const refused = this.#attach(pipe);
      if (refused !== undefined) return refused;
    }
    record.pipe = pipe;
    record.handshaken = true;
    this.#peers++;
    dialer?.succeeded();
    const { endpoint, remote } = connection;
    this.emit({ type: "handshake", endpoint, remote, peerType: peer.socketType });
    if (dialer !== undefined && this.#retiring.has(dialer)) queueMicrotask(() => connection.finish());
    this.sending.pump();
    this.peersChanged();
    return pipe;
  }

  connectionEnding(connection: Connection): void {
    const record = this.#connections.get(connection)!;
    const { dialer, pipe } = record;
    record.pipe = undefined;
    this.#peers--;
    // The pipe of a dialer waits for its next connection.
    if (pipe !== undefined && pipe !== dialer?.pipe) {
      this.#giveUp(pipe.close());
      this.#detach(pipe);
    }
    this.peersChanged();
  }

  connectionClosed(connection: Connection, error: Error | undefined): void {
    const { dialer, handshaken, expiry } = this.#connections.get(connection)!;
    this.#connections.delete(connection);
    clearTimeout(expiry);
    this.emit(lossEvent(connection.endpoint, connection.remote, handshaken, error));
    this.#giveUp(connection.unsent);
    if (dialer !== undefined) {
      const retiring = this.#retiring.has(dialer);
      if (retiring && !dialer.pipe?.queued) dialer.stop();
      dialer.lost(error);
      if (retiring) this.#settle(dialer);
    }
    this.#checkEmpty();
  }

  retrying(dialer: Dialer, interval: number | undefined, error: Error | undefined): void {
    const { endpoint, pipe } = dialer;
    if (interval !== undefined) {
      this.emit({ type: "connect:retry", endpoint, interval, ...error && { error } });
    } else if (this.#dialers.delete(dialer)) {
      // As in libzmq: the endpoint is gone, and must not swallow messages that another peer could take.
      const dropped = pipe?.close() ?? 0;
      if (pipe !== undefined) this.#detach(pipe);
      const reason = error ?? new ZmqError("ECONNRESET", `The connection to ${endpoint} was lost`);
      this.emit({ type: "connect:end", endpoint, dropped, error: reason });
    }
  }

  #newPipe(): WirePipe {
    return new WirePipe(this, this.settings.sendHighWaterMark, this.settings.receiveHighWaterMark);
  }

  // Pipes.

  #attach(pipe: WirePipe): ZmqError | undefined {
    const refused = this.pattern.attach(pipe);
    if (refused === undefined) this.#attached.add(pipe);
    return refused;
  }

  #detach(pipe: WirePipe): void {
    if (!this.#attached.delete(pipe)) return;
    this.pattern.detach(pipe);
    // Whoever waits for this very peer has nobody to wait for.
    this.sending.pump();
  }

  pipeReadable(pipe: Pipe): void {
    this.pattern.pipeReadable(pipe);
    this.receiving.pump();
  }

  pipeWritable(pipe: Pipe): void {
    this.pattern.pipeWritable(pipe);
    this.sending.pump();
  }

  // The end.

  /** Closes the socket; resolves with how many messages were given up. */
  close(linger: number = this.settings.linger): Promise<number> {
    try {
      return this.#ending ??= this.#end(time("linger", linger, -1));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #end(linger: number): Promise<number> {
    this.sending.close(() => this.#closedError());
    this.receiving.close(() => this.#closedError());
    this.#peerWaits.rejectAll(() => this.#closedError());
    const unbound = this.#bindings.close();
    for (const dialer of [...this.#dialers]) this.#retire(dialer);
    for (const [connection, { dialer, handshaken }] of this.#connections) {
      if (dialer === undefined) handshaken ? connection.finish() : connection.abort();
    }
    await this.#emptied(linger);
    await unbound;
    this.emit({ type: "end" });
    return this.#givenUp;
  }

  /** Resolves when every connection is gone; after `linger` ms what is still queued is dropped. */
  async #emptied(linger: number): Promise<void> {
    const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
    this.#checkEmpty();
    const timer = linger < 0 ? undefined : setTimeout(() => this.#cutAll(), linger);
    await empty;
    clearTimeout(timer);
  }

  #checkEmpty(): void {
    if (this.#connections.size === 0 && this.#retiring.size === 0) this.#onEmpty?.();
  }

  #cutAll(): void {
    for (const dialer of [...this.#retiring]) this.#cut(dialer);
    for (const [connection, { dialer, pipe }] of this.#connections) {
      if (dialer === undefined) this.#cutConnection(connection, pipe);
    }
  }

  /** Takes a dialer out of use. It goes on until what is queued in its pipe is sent. */
  #retire(dialer: Dialer): void {
    this.#dialers.delete(dialer);
    this.#retiring.add(dialer);
    if (dialer.pipe !== undefined) this.#detach(dialer.pipe);
    if (dialer.connection?.handshaken) dialer.connection.finish();
    else this.#settle(dialer);
  }

  /** Ends a retiring dialer that has nothing to send, or nowhere to send it to. */
  #settle(dialer: Dialer): void {
    if (dialer.pipe !== undefined && dialer.pipe.queued > 0 && dialer.active) return;
    this.#cut(dialer);
  }

  /** Ends a retiring dialer at once; what is still queued is dropped. */
  #cut(dialer: Dialer): void {
    dialer.stop();
    this.#retiring.delete(dialer);
    if (dialer.connection !== undefined) this.#cutConnection(dialer.connection, dialer.pipe);
    else this.#giveUp(dialer.pipe?.close() ?? 0);
    this.#checkEmpty();
  }

  #cutConnection(connection: Connection, pipe: WirePipe | undefined): void {
    this.#giveUp(pipe?.close() ?? 0);
    connection.cut();
  }

  /** Counts messages that `close` could not send; what was lost before is the fate of its connection. */
  #giveUp(messages: number): void {
    if (this.closed) this.#givenUp += messages;
  }

  /** @throws {ZmqError} `ENOTSOCK` if the socket is closed. */
  requireOpen(): void {
    if (this.closed) throw this.#closedError();
  }

  #closedError(): ZmqError {
    return new ZmqError("ENOTSOCK", "The socket is closed: make a new one to go on");
  }

  emit(event: SocketEvent): void {
    this.events.emit(event);
  }
}
