/**
 * The engine of one socket, the same for all types: endpoints, connections and pipes, and their end. The socket type itself is a pattern.
 *
 * | Event | OPEN    | CLOSING | CLOSED |
 * | ----- | ------- | ------- | ------ |
 * | close | CLOSING | -       | -      |
 * | empty | -       | CLOSED  | -      |
 *
 * `-` changes nothing, except that a second `close` can bring the deadline forward. `empty`: no connection and no
 * dialer is left. `signal` is aborted from CLOSING on: whatever else depends on the end of the socket asks it. In CLOSING queued messages go
 * out, until the deadline; then all that is left is dropped (`linger.ts`). `tests/engine/socket_states_test.ts` walks the table.
 *
 * Over 400 lines because it ties all parts of the engine together, and more than 20 members because each asks its own contract of it.
 *
 * @module
 */

import { timeFrom } from "../base/checks.ts";
import { type Clock, microtask } from "../base/clock.ts";
import { atEndpoint, ZmqError } from "../base/errors.ts";
import { endpointText } from "../base/peer_text.ts";
import type { MessageLike } from "../base/message.ts";
import { DropCount, type DropReason } from "../routing/drops.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { ThreadPort } from "../transport/thread_port.ts";
import type { Link } from "../transport/transport.ts";
import { FrameCarrier } from "./carriers/frame_carrier.ts";
import { LinkCarrier, type LinkHost } from "./carriers/link_carrier.ts";
import { LocalCarrier } from "./carriers/local_carrier.ts";
import type { Connection } from "./connection/contract.ts";
import { requireLink } from "./endpoints/arguments.ts";
import { CatchingUp } from "./pipe/catching_up.ts";
import { Connections, type ConnectionsHost } from "./connections.ts";
import { clockOf, type Context, DEFAULT_CONTEXT, enter, namesOf, type OpenSocket, requireContext } from "./context.ts";
import type { Dialer } from "./endpoints/dialer.ts";
import { Endpoints, type EndpointsHost } from "./endpoints/endpoints.ts";
import { Entrance, type EntranceHost } from "./entrance.ts";
import { publishEvent } from "../base/channels.ts";
import { EventHub, type SocketEvent } from "./events.ts";
import type { DroppedMessage } from "./pipe/dropped_message.ts";
import { HighWaterMarks } from "./pipe/high_water_marks.ts";
import type { PeerChoice } from "./peers_shown.ts";
import { Pipes, type PipesHost } from "./pipes.ts";
import { Pool, type PoolHost } from "./pool/pool.ts";
import { PoolCarrier, type PoolCarrierHost } from "./pool/pool_carrier.ts";
import { OpenSockets } from "./open_sockets.ts";
import { type Hold, ProcessHold } from "./waits/process_hold.ts";
import { ReceiveQueue } from "./waits/receive_queue.ts";
import { SendQueue } from "./waits/send_queue.ts";
import { Hints, type HintsHost } from "./hints/hints.ts";
import { Linger } from "./linger.ts";
import { requireMechanism } from "./mechanisms.ts";
import { change, forgetSecrets, newSettings, optionOf, type Settings } from "./settings.ts";
import type { SocketDefinition } from "./socket_definition.ts";
import type { PeerStatistics, SocketStatistics } from "./statistics.ts";
import { timeoutError } from "./timeout_error.ts";
import { WaitList, type WaitOptions } from "./waits/wait_list.ts";

/** The number of sockets that were made in this process. */
let sockets = 0;

/** The open sockets of this process. */
export const OPEN_SOCKETS: OpenSockets<SocketCore> = new OpenSockets();

/** The machinery of one socket. */
export class SocketCore
  implements ConnectionsHost, EndpointsHost, EntranceHost, HintsHost, LinkHost, PipesHost, PoolHost, PoolCarrierHost {
  readonly definition: SocketDefinition;
  readonly pattern: Pattern;
  readonly settings: Settings;
  readonly context: Context;
  readonly clock: Clock;
  readonly marks: HighWaterMarks;
  readonly hold: ProcessHold = new ProcessHold();
  readonly linkHold: Hold = this.hold.links;
  readonly linger: Linger;
  readonly events: EventHub = new EventHub(this.hold);
  readonly sending: SendQueue;
  readonly receiving: ReceiveQueue;
  readonly pipes: Pipes = new Pipes(this);
  readonly connections: Connections = new Connections(this);
  readonly endpoints: Endpoints;
  readonly hints: Hints = new Hints(this);
  /** Messages that are queued now are not written yet. */
  gathering = false;
  /** Messages that code above the socket has dropped: `Requester`, `serve`. */
  readonly drops: DropCount = new DropCount();
  /** The socket as its program sees it. */
  handle: OpenSocket | undefined;
  /** Its number in this process. */
  readonly id: number = ++sockets;

  readonly #links = new LinkCarrier(this);
  readonly #entrance = new Entrance(this);
  readonly #leaveContext: () => void;
  readonly #leaveProcess: () => void;
  readonly #peerWaits: WaitList<() => boolean, void>;
  /** Created when its signal is first read: most sockets need none. */
  #closing: AbortController | undefined;
  /** The threads that serve subscribers, once there are some. */
  #pool: Pool | undefined;
  /** For `close`: the number of messages that were lost. */
  #ended: Promise<number> | undefined;
  /** Called when the last connection has closed, while closing. */
  #onEmpty: (() => void) | undefined;
  /** Messages dropped since `close` was called. */
  #givenUp = 0;

  constructor(definition: SocketDefinition, options: { readonly context?: Context }) {
    const settings = this.settings = newSettings(definition, options);
    const pattern = this.pattern = definition.pattern(settings);
    this.context = options.context === undefined ? DEFAULT_CONTEXT : requireContext(options.context);
    this.definition = definition;
    this.clock = clockOf(this.context);
    this.linger = new Linger(this.clock);
    pattern.begin?.(this);
    // These wait without a timeout, so none is ever late.
    this.#peerWaits = new WaitList(this.clock, () => undefined, undefined, this.hold);
    this.marks = new HighWaterMarks(settings);
    this.#leaveContext = enter(this.context, this);
    // Where sending and receiving alternate, each makes the other possible.
    const taking = pattern.receiveError !== undefined;
    const { clock, hold, connections, pipes } = this;
    const behind = {
      get peers() {
        return connections.peers;
      },
      marksChanged: () => pipes.marksChanged(),
    };
    const catchingUp = new CatchingUp(this.marks, behind, clock);
    const onReceived = taking ? () => this.sending.pump() : undefined;
    this.sending = new SendQueue(
      pattern,
      settings,
      clock,
      (limit) => timeoutError(this, "send", limit),
      taking ? () => this.receiving.pump() : undefined,
      hold,
    );
    this.receiving = new ReceiveQueue(
      pattern,
      settings,
      clock,
      (limit) => timeoutError(this, "receive", limit),
      onReceived,
      catchingUp,
      hold,
    );
    if (pattern.drops !== undefined) pattern.drops.host = this;
    this.drops.host = this;
    const accept = (connection: Connection) => this.#accept(connection);
    const over = (port: ThreadPort, endpoint: string) => this.#links.threadConnection(port, endpoint);
    const local = { type: definition, settings, owner: this.connections, accept, over };
    this.endpoints = new Endpoints(this, {
      bytes: definition.publishes === true ? new PoolCarrier(this.#links, this) : this.#links,
      frames: new FrameCarrier(this),
      local: new LocalCarrier(namesOf(this.context), local, definition, hold),
    });
    this.#leaveProcess = OPEN_SOCKETS.add(this);
    this.hints.begin();
  }

  /** Aborted as soon as `close` is called, also where the socket still sends what is queued. */
  get signal(): AbortSignal {
    const closing = this.#closing ??= new AbortController();
    if (this.closed && !closing.signal.aborted) closing.abort();
    return closing.signal;
  }

  /** True if `close` has been called. */
  get closed(): boolean {
    return this.#ended !== undefined;
  }

  get title(): string {
    return this.definition.title ?? this.definition.name;
  }

  /** The number of peers that have completed their handshake and are connected. */
  get peerCount(): number {
    return this.connections.peers + (this.#pool?.peerCount ?? 0);
  }

  /** The same at one bound endpoint. */
  peersAt(endpoint: string): number {
    return this.connections.peersAt(endpoint) + (this.#pool?.peersAt(endpoint) ?? 0);
  }

  /** The connected peers. */
  peers(): PeerStatistics[] {
    return [...this.connections.peerStatistics(), ...this.#pool?.peerStatistics() ?? []];
  }

  /** The threads that serve its subscribers. */
  pool(): Pool {
    return this.#pool ??= new Pool(this, (port, owner) => this.#links.threadConnection(port, "thread", owner));
  }

  queuesAhead(routingId: Uint8Array | undefined): boolean {
    // A peer that is known by an id before it is connected can be sent to.
    return (this.pattern.queuesAhead || routingId !== undefined) && !this.settings.immediate;
  }

  /** Sets an option. */
  setOption(name: string, value: unknown): void {
    change(this.settings, this.definition, name, value);
    if (optionOf(this.definition, name)?.applies === "at once") {
      this.marks.update(this.settings);
      this.pipes.marksChanged();
    }
    this.#pool?.setOption(name);
    // The option may make it possible to send or receive.
    this.sending.pump();
    this.receiving.pump();
  }

  /** The statistics of the socket. */
  statistics(): SocketStatistics {
    return { ...this.counts(), peers: this.peers() };
  }

  /** The same without its peers. */
  counts(): Omit<SocketStatistics, "peers"> {
    const counters = this.pipes.counters();
    if (this.pattern.drops !== undefined) counters.drops.addAll(this.pattern.drops);
    counters.drops.addAll(this.drops);
    const counts = {
      ...counters.snapshot(),
      ...this.pipes.waiting(),
      reconnects: this.endpoints.dialers.reconnects,
      ...this.connections.refused(),
    };
    return this.#pool?.addCounts(counts) ?? counts;
  }

  /** Resolves as soon as `condition` is true; it is checked again whenever peers or subscriptions change. */
  waitUntil(condition: () => boolean, options?: WaitOptions): Promise<void> {
    if (this.closed) return Promise.reject(this.#closedError());
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    return condition() ? Promise.resolve() : this.#peerWaits.add(condition, -1, options?.signal).promise;
  }

  /** Subscriptions have changed. */
  subscribersChanged(): void {
    this.peersChanged();
    this.sending.pump();
  }

  peersChanged(): void {
    for (const wait of this.#peerWaits) if (wait.payload()) wait.resolve();
  }

  /** Ends the connections of peers, now. */
  disconnectPeer(which: PeerChoice): number {
    this.requireOpen();
    const elsewhere = this.#pool?.disconnectPeer(which);
    // A peer that a thread has shown is not one of ours.
    if (elsewhere !== undefined && typeof which === "object" && !(which instanceof Uint8Array)) return elsewhere;
    return this.connections.disconnectPeer(which) + (elsewhere ?? 0);
  }

  /** Takes a connection to another thread. */
  attachThread(port: ThreadPort): void {
    this.#accept(this.#links.threadConnection(port, "thread"));
  }

  /** Uses a link that the user opened. */
  attach(link: Link): void {
    this.requireOpen();
    requireLink(link);
    requireMechanism(this.settings, this.context);
    if (this.connections.arrivals.admits(link.remote, link.remote)) this.enters(link, link.remote);
    else link.abort();
  }

  /** Queues a message now or not at all, without starting a write. */
  sendBuffered(input: MessageLike): boolean {
    this.gathering = true;
    try {
      return this.sending.trySend(input);
    } finally {
      this.gathering = false;
    }
  }

  // Connections.

  /** Takes an incoming link as soon as the entrance allows. */
  comesIn(link: Link, endpoint: string): void {
    // A listener that is being closed may still deliver a link, which is ended here.
    if (this.closed) return link.abort();
    this.#entrance.comesIn(link, endpoint);
  }

  /** Takes an incoming link whose turn it is. */
  enters(link: Link, endpoint: string): void {
    this.#accept(this.#links.connection(link, endpoint));
  }

  /** Takes an incoming connection. */
  #accept(connection: Connection): boolean {
    if (this.closed) return false;
    // Known first: a listener may close the socket, and that must find it.
    this.connections.add(connection, undefined);
    const { endpoint, remote } = connection;
    this.emit({ type: "accept", endpoint, remote });
    connection.start();
    return true;
  }

  /** As in libzmq, the connections that were accepted at an endpoint end with it. */
  unbound(endpoint: string): void {
    this.#entrance.drop(endpoint);
    this.connections.finish(this.linger.deadline(this.settings.linger), endpoint);
    this.#pool?.unbound(endpoint);
  }

  connectionLost(dialer: Dialer | undefined, error: Error | undefined, handshaken: boolean): void {
    if (dialer !== undefined) this.endpoints.dialers.lost(dialer, error, handshaken);
    this.#checkEmpty();
  }

  dialerEnded(): void {
    this.#checkEmpty();
  }

  routesChanged(): void {
    this.sending.pump();
  }

  messageTransferred(pipe: Pipe, { frames, bytes }: DroppedMessage): void {
    const endpoint = this.connections.endpointOf(pipe);
    const error = new ZmqError(
      "EINVAL",
      `Cannot send a queued message to ${endpointText(endpoint)}: the memory of a frame was transferred after send()`,
    );
    // Not from inside the write, because a listener may end the connection that is writing.
    microtask(() => this.emit({ type: "message:dropped", endpoint, frames, bytes, error }));
  }

  firstDrop(reason: DropReason, pipe?: Pipe): void {
    this.hints.dropped(reason, () => pipe === undefined ? "" : this.connections.endpointOf(pipe));
  }

  sentToNobody(): void {
    this.hints.sentToNobody();
  }

  pipeReadable(pipe: Pipe): void {
    this.pattern.pipeReadable?.(pipe);
    this.receiving.pump();
  }

  pipeWritable(pipe: Pipe): void {
    this.pattern.pipeWritable?.(pipe);
    this.sending.pump();
  }

  /** Closes the socket; resolves with the number of messages that were dropped. A later call may shorten the wait. */
  close(linger?: number): Promise<number> {
    try {
      const deadline = this.linger.deadline(timeFrom(-1)("linger", linger ?? this.settings.linger));
      if (this.#ended !== undefined) {
        if (linger !== undefined) this.#finish(deadline);
        return this.#ended;
      }
      let start!: (ended: Promise<number>) => void;
      this.#ended = new Promise((resolve) => start = resolve);
      this.#closing?.abort();
      this.hints.end();
      start(this.#end(deadline));
      return this.#ended;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #end(deadline: number): Promise<number> {
    this.hold.take();
    this.sending.fail(() => this.#closedError());
    this.receiving.fail(() => this.#closedError());
    this.#peerWaits.rejectAll(() => this.#closedError());
    const unbound = this.endpoints.bindings.drop();
    this.#entrance.drop();
    this.#finish(deadline);
    // Not before: a dialer that has nothing to send ends in between, though those behind it are not retiring yet.
    const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
    this.#checkEmpty();
    await empty;
    this.linger.end();
    await unbound;
    this.pipes.forgetReceived();
    this.connections.arrivals.end();
    this.#leaveContext();
    this.#leaveProcess();
    forgetSecrets(this.settings, this.definition);
    this.emit({ type: "end" });
    this.hold.end();
    return this.#givenUp;
  }

  /** Sends what is queued, until the deadline. */
  #finish(deadline: number): void {
    this.endpoints.dialers.finish(deadline);
    this.connections.finish(deadline);
    const pool = this.#pool;
    if (pool === undefined) return;
    pool.finish(deadline);
    if (pool.size > 0) this.linger.watch(pool, deadline, () => pool.drop());
  }

  /** One of the threads has ended. */
  poolChanged(): void {
    if (this.#pool?.size === 0) this.linger.forget(this.#pool);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if ((this.#pool?.size ?? 0) > 0) return;
    if (this.connections.count === 0 && this.endpoints.dialers.retiring === 0) this.#onEmpty?.();
  }

  /** Counts messages that `close` could not send; what was lost before is the fate of its connection. */
  gaveUp(messages: number): void {
    if (this.closed) this.#givenUp += messages;
  }

  /** @throws {ZmqError} `ENOTSOCK` if the socket is closed. */
  requireOpen(): void {
    if (this.closed) throw this.#closedError();
  }

  #closedError(): ZmqError {
    return new ZmqError("ENOTSOCK", `The ${this.title} socket is closed: create a new one`);
  }

  emit(event: SocketEvent): void {
    this.endpoints.saw(event);
    if ("error" in event) atEndpoint(event.error, event.endpoint);
    if (!this.events.emit(event)) return;
    publishEvent(this.handle, event);
    this.hints.saw(event);
  }
}
