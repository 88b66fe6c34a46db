/**
 * The connections of one socket, their pipes and their counters, from the first byte to the last.
 *
 * Over 400 lines because all that end, count and show peers need the same records. More than 20 members because it alone knows which
 * connection, dialer and pipe belong together.
 *
 * @module
 */

import { NO_BYTES } from "../base/bytes.ts";
import { type Clock, microtask, wallTime } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import type { PeerInfo } from "../zmtp/peer_info.ts";
import { Arrivals } from "./arrivals.ts";
import type { Dialer } from "./endpoints/dialer.ts";
import { closedInHandshake, handshakeError, lossReason } from "./connection_ends.ts";
import type { LocalDisconnectReason, SocketEvent } from "./events.ts";
import type { Linger } from "./linger.ts";
import { Leftovers } from "./pipe/leftovers.ts";
import { authenticates, mechanismOf } from "./mechanisms.ts";
import { type PeerChoice, PeersShown } from "./peers_shown.ts";
import type { Connection, ConnectionHost } from "./connection/contract.ts";
import type { Hold } from "./waits/process_hold.ts";
import { PeerPipe } from "./pipe/pipe.ts";
import type { PipeHost } from "./pipe/contracts.ts";
import type { DropObserver, DropReason } from "../routing/drops.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Settings } from "./settings.ts";
import type { PeerStatistics, SocketStatistics } from "./statistics.ts";
import { writeError } from "../base/write_error.ts";
import { CounterSet } from "./counters.ts";

/** The socket, as its connections see it. */
export interface ConnectionsHost extends PipeHost, DropObserver {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Keeps the process alive for each connection over a link. */
  readonly hold: Hold;
  readonly linger: Linger;
  readonly closed: boolean;
  /** A message was dropped, the first one for this reason; of which peer, if that is known. */
  firstDrop(reason: DropReason, pipe?: Pipe): void;
  emit(event: SocketEvent): void;
  /** A peer has connected or disconnected. */
  peersChanged(): void;
  /** Waiting sends may have a queue now, or no peer left to wait for. */
  routesChanged(): void;
  /** Messages could not be sent. */
  gaveUp(messages: number): void;
  /** A connection is closed. */
  connectionLost(dialer: Dialer | undefined, error: Error | undefined, handshaken: boolean): void;
}

/** A live connection, with its pipe. */
interface ConnectionRecord {
  /** The dialer that made it; `undefined` for an incoming connection. */
  readonly dialer: Dialer | undefined;
  /** From the end of the handshake until the connection is ending. */
  pipe: PeerPipe | undefined;
  /** True if its handshake was completed. */
  ready: boolean;
  /** The peer as it introduced itself, if it did. */
  peer: PeerInfo | undefined;
  /** When it made its last step: it began, or completed its handshake. */
  since: number;
  /** The key by which `Arrivals` counts it; `undefined` if it does not. */
  readonly origin: string | undefined;
  readonly mechanism: PeerStatistics["mechanism"];
  /** Why this side ends it, if it does. */
  released: LocalDisconnectReason | undefined;
}

/** Finishes a connection. One whose handshake event is being emitted has its pipe after that, and is finished then. */
function finish(connection: Connection, deadline: number | undefined): void {
  if (connection.handshaken) connection.finish(deadline);
  else microtask(() => connection.finish(deadline));
}

/** All connections of one socket. */
export class Connections implements ConnectionHost {
  readonly #host: ConnectionsHost;
  readonly #records = new Map<Connection, ConnectionRecord>();
  /** Incoming connections that have not completed their handshake, the oldest first. */
  readonly #handshakes = new Set<Connection>();
  /** Pipes that are not closed. */
  readonly #pipes = new Set<PeerPipe>();
  /** Pipes that the pattern knows. */
  readonly #attached = new Set<PeerPipe>();
  readonly #leftovers = new Leftovers();
  readonly #shown = new PeersShown();
  /** The limits of incoming connections. */
  readonly arrivals: Arrivals;
  /** Called with each new pipe, and with each that ends, while the debug log is on. */
  onPipe: ((pipe: PeerPipe) => void) | undefined;
  onPipeEnd: ((pipe: PeerPipe) => void) | undefined;
  /** Counters of all pipes that have ended. */
  readonly #past = new CounterSet();
  #peers = 0;

  constructor(host: ConnectionsHost) {
    this.#host = host;
    this.#past.drops.observer = host;
    this.arrivals = new Arrivals(host, this.#leftovers);
  }

  /** The number of connections, including those in their handshake. */
  get count(): number {
    return this.#records.size;
  }

  /** The number of peers that have completed their handshake and are not ending. */
  get peers(): number {
    return this.#peers;
  }

  /** Adds a connection. */
  add(connection: Connection, dialer: Dialer | undefined): void {
    const origin = dialer === undefined && connection.linked ? this.arrivals.entered(connection.remote) : undefined;
    this.#records.set(connection, {
      dialer,
      pipe: undefined,
      ready: false,
      peer: undefined,
      origin,
      since: wallTime(),
      mechanism: connection.linked ? mechanismOf(this.#host.settings) : null,
      released: undefined,
    });
    if (connection.linked) this.#host.hold.take();
    if (dialer !== undefined) return;
    this.#handshakes.add(connection);
    if (this.#handshakes.size <= this.#host.settings.maxHandshakes) return;
    this.#dropSlowest();
  }

  /**
   * Drops the oldest one, except peers that have proved their key and wait for an authenticator: they are not dropped
   * for silent ones.
   */
  #dropSlowest(): void {
    let [slowest] = this.#handshakes;
    for (const one of this.#handshakes) {
      if (one.proven) continue;
      slowest = one;
      break;
    }
    this.#handshakes.delete(slowest!);
    this.arrivals.refusals.maxHandshakes++;
    slowest!.fail(new ZmqError("EMFILE", "Too many peers were in their handshake (maxHandshakes)"));
    // Immediately: otherwise a flood of peers that do not end their side would be kept for as long as such an end may
    // take.
    slowest!.drop();
  }

  crowded(): ZmqError | undefined {
    return this.arrivals.crowded();
  }

  // Pipes.

  /** Makes a pipe that the pattern does not know yet. */
  newPipe(assignedId?: Uint8Array): PeerPipe {
    const pipe = new PeerPipe(this.#host, this.#host.settings.conflate, assignedId);
    this.#pipes.add(pipe);
    this.onPipe?.(pipe);
    return pipe;
  }

  /** Shows a pipe to the pattern; returns why it is refused, if it is. */
  attach(pipe: PeerPipe): ZmqError | undefined {
    const refused = this.#host.pattern.attach?.(pipe);
    if (refused === undefined) this.#attached.add(pipe);
    else this.dropPipe(pipe);
    return refused;
  }

  /** Takes a pipe from the pattern. */
  detach(pipe: PeerPipe): void {
    if (!this.#attached.delete(pipe)) return;
    this.#host.pattern.detach?.(pipe);
    this.#host.routesChanged();
  }

  /** Takes the pipe of a dialer that ends from the pattern, also one that began with its connection. */
  leave({ pipe, connection }: Dialer): void {
    const used = pipe ?? (connection && this.#records.get(connection)?.pipe);
    if (used !== undefined) this.detach(used);
  }

  /** Ends a pipe; returns the number of messages that are lost. Received messages stay available. */
  dropPipe(pipe: PeerPipe): number {
    const given = pipe.drop();
    if (this.#pipes.delete(pipe)) {
      this.onPipeEnd?.(pipe);
      this.#past.add(pipe.counters);
      // Messages sent to it from now on are dropped, and still counted.
      pipe.counters = this.#past;
      this.#leftovers.keep(pipe);
      pipe.leftOver = () => this.#leftovers.keepMore(pipe);
    }
    return given;
  }

  /** The high-water marks were changed. */
  marksChanged(): void {
    for (const pipe of this.#pipes) pipe.marksChanged();
  }

  /** Writes what is queued, as far as peers take it. */
  flush(): void {
    for (const pipe of this.#pipes) pipe.flush();
  }

  /** Bytes of messages that wait to be sent. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const pipe of this.#pipes) bytes += pipe.outbox.bytes;
    return bytes;
  }

  // Reports of connections.

  connectionReady(connection: Connection, peer: PeerInfo | undefined): PeerPipe | ZmqError {
    const record = this.#records.get(connection)!;
    const { dialer } = record;
    const { settings, pattern } = this.#host;
    const pipe = dialer?.pipe ?? this.newPipe(dialer?.routingId);
    this.#handshakes.delete(connection);
    pipe.identity = peer?.identity ?? NO_BYTES;
    pipe.metadata = connection.linked && authenticates(settings) ? peer?.metadata : undefined;
    pipe.connect(connection);
    if (settings.helloMessage !== null) pipe.sendFirst([settings.helloMessage.slice()]);
    if (dialer?.pipe === undefined) {
      const refused = this.attach(pipe);
      if (refused !== undefined) return refused;
    }
    pattern.connected?.(pipe);
    record.pipe = pipe;
    record.ready = true;
    record.since = wallTime();
    record.peer = peer;
    this.#peers++;
    dialer?.succeeded();
    const { endpoint, remote } = connection;
    if (peer !== undefined) {
      const { socketType: peerType, version, metadata } = peer;
      this.#host.emit({ type: "handshake", endpoint, remote, peerType, version, metadata });
    }
    if (dialer?.deadline !== undefined || pipe.finishing) finish(connection, dialer?.deadline);
    pipe.finishing = false;
    this.#host.routesChanged();
    this.#host.peersChanged();
    return pipe;
  }

  connectionEnding(connection: Connection): void {
    const record = this.#records.get(connection)!;
    const { dialer, pipe } = record;
    record.pipe = undefined;
    this.#peers--;
    if (pipe !== undefined) {
      const ours = record.released !== undefined || dialer?.deadline !== undefined || this.#host.closed;
      this.#host.pattern.disconnected?.(pipe, !ours);
      if (!ours) this.#tellLoss(pipe, dialer);
      // The pipe of a dialer waits for its next connection.
      if (pipe === dialer?.pipe) {
        if (this.#attached.has(pipe)) this.#host.pattern.waiting?.(pipe);
      } else {
        this.detach(pipe);
        this.#host.gaveUp(this.dropPipe(pipe));
      }
    }
    this.#host.peersChanged();
  }

  /** Reports a loss by the user's own message, as if the peer had sent it. */
  #tellLoss(pipe: PeerPipe, dialer: Dialer | undefined): void {
    const { pattern, settings } = this.#host;
    const text = settings[dialer === undefined ? "disconnectMessage" : "hiccupMessage"];
    if (text === null || pattern.tryReceive === undefined) return;
    const notice = [text.slice()];
    const reconnects = pipe === dialer?.pipe && settings.reconnectInterval > 0 && settings.reconnectStop.length === 0;
    const kept = reconnects && pipe.outbox.messages > 0;
    if (pattern.wantsNotice?.(pipe, notice, kept) !== false) pipe.deliver(notice);
  }

  connectionClosed(connection: Connection, error: Error | undefined, local: boolean): void {
    const { dialer, ready, origin, released } = this.#records.get(connection)!;
    this.#records.delete(connection);
    if (connection.linked) this.#host.hold.release();
    if (origin !== undefined) this.arrivals.left(origin);
    this.#handshakes.delete(connection);
    this.#host.linger.forget(connection);
    const { endpoint, remote } = connection;
    if (connection.unsendable !== undefined) {
      const reason = error instanceof ZmqError ? error : writeError(remote, error);
      this.#host.emit({ type: "message:dropped", endpoint, ...connection.unsendable, error: reason });
    }
    if (local) {
      // A pattern ends the connection of a peer on its own: a Stream does so for an empty message.
      const reason = released ?? dialer?.record.ending ?? (this.#host.closed ? "close" : "message");
      this.#host.emit({ type: "disconnect:local", endpoint, remote, reason });
    } else {
      if (!ready) {
        const reason = error ?? closedInHandshake(this.#adviceFor(dialer));
        dialer?.record.failed(reason);
        this.#host.emit(handshakeError(endpoint, remote, reason));
      }
      const reason = ready ? lossReason(error) : "handshake";
      this.#host.emit({ type: "disconnect", endpoint, remote, reason, ...error && { error } });
    }
    this.#host.gaveUp(connection.unsent);
    this.#host.connectionLost(dialer, error, ready);
  }

  /** Pipes that are not closed. */
  get pipes(): Iterable<PeerPipe> {
    return this.#pipes;
  }

  /** Returns the address of the peer of a pipe; empty while it has none. */
  remoteOf(pipe: Pipe): string {
    return this.#connectionOf(pipe)?.remote ?? "";
  }

  /** Returns the endpoint of the connection of a pipe; empty if it has none. */
  endpointOf(pipe: Pipe): string {
    return this.#connectionOf(pipe)?.endpoint ?? "";
  }

  #connectionOf(pipe: Pipe): Connection | undefined {
    for (const [connection, record] of this.#records) if (record.pipe === pipe) return connection;
    return undefined;
  }

  /** CURVE servers, libzmq's as well, close the connection of a client that has another key for them. */
  #adviceFor(dialer: Dialer | undefined): string {
    const client = dialer !== undefined && this.#host.settings.curveServerKey !== null;
    return client ? "; a CURVE server does so if curveServerKey is not its public key" : "";
  }

  // Their end.

  /**
   * Ends incoming connections, of one endpoint or of all: as soon as the messages queued for their peers are sent, at
   * the latest at the deadline. A later call can only shorten that.
   */
  finish(deadline: number, endpoint?: string): void {
    const { linger } = this.#host;
    for (const [connection, record] of this.#records) {
      if (record.dialer !== undefined || (endpoint ?? connection.endpoint) !== connection.endpoint) continue;
      if (!record.ready) {
        record.released = endpoint === undefined ? "close" : "unbind";
        connection.drop();
        continue;
      }
      if (endpoint !== undefined) {
        // It is already ending.
        if (record.pipe === undefined) continue;
        this.detach(record.pipe);
      }
      record.released = endpoint === undefined ? "close" : "unbind";
      finish(connection, deadline);
      if (this.#records.has(connection)) linger.watch(connection, deadline, () => this.drop(connection, record.pipe));
    }
  }

  /** Ends a connection now; queued messages are dropped. */
  drop(connection: Connection, pipe: PeerPipe | undefined): void {
    if (pipe !== undefined) this.#host.gaveUp(this.dropPipe(pipe));
    connection.drop();
  }

  /** Ends the connections of peers, now; returns how many there were. */
  disconnectPeer(which: PeerChoice): number {
    const count = this.#disconnect(this.#shown.choose(which, () => this.peerStatistics()));
    if (typeof which === "function") this.#askAnew();
    return count;
  }

  /** Ends these connections, now; returns the number of those that had not ended before. */
  #disconnect(chosen: readonly Connection[]): number {
    let count = 0;
    for (const connection of chosen) {
      const record = this.#records.get(connection);
      // A listener may have ended it meanwhile.
      if (record?.pipe === undefined) continue;
      count++;
      const { pipe, dialer } = record;
      record.released = "disconnectPeer";
      if (pipe === dialer?.pipe) connection.drop();
      else {
        this.detach(pipe);
        this.drop(connection, pipe);
      }
    }
    return count;
  }

  /** Ends handshakes in which the peer may already have been authenticated. Peers that are still allowed reconnect. */
  #askAnew(): void {
    if (!authenticates(this.#host.settings)) return;
    for (const [connection, record] of [...this.#records]) {
      if (record.ready) continue;
      record.released = "disconnectPeer";
      connection.drop();
    }
  }

  /** Drops unreceived messages: the socket is closed. */
  forgetReceived(): void {
    for (const pipe of this.#pipes) pipe.forget();
    this.#leftovers.forget();
  }

  // Statistics.

  /** The sum of the counters of all pipes, past and present. */
  counters(): CounterSet {
    const sum = new CounterSet();
    sum.add(this.#past);
    for (const pipe of this.#pipes) sum.add(pipe.counters);
    return sum;
  }

  /** Messages that wait to be sent, and to be received. */
  waiting(): { queued: number; held: number } {
    let queued = 0;
    let { held } = this.#leftovers;
    for (const pipe of this.#pipes) {
      queued += pipe.outbox.messages;
      held += pipe.inbox.length;
    }
    return { queued, held };
  }

  /** Incoming connections that were closed because of a limit. */
  refused(): Pick<SocketStatistics, "refused" | "refusals"> {
    const refusals = { ...this.arrivals.refusals };
    return { refused: Object.values(refusals).reduce((sum, count) => sum + count, 0), refusals };
  }

  /** The peers that are connected. */
  peerStatistics(): PeerStatistics[] {
    const list: PeerStatistics[] = [];
    for (const [connection] of this.#records) {
      const peer = this.peerOf(connection);
      if (peer !== undefined) list.push(peer);
    }
    return list;
  }

  /** The peer of a connection, while it is connected. */
  peerOf(connection: Connection): PeerStatistics | undefined {
    const record = this.#records.get(connection);
    if (record?.pipe === undefined) return undefined;
    const { peer, mechanism, since, dialer } = record;
    // A protocol without an introduction has no mechanism, either.
    const seen = { peer, mechanism: peer && mechanism || null, since, reconnects: dialer?.reconnects ?? 0 };
    return this.#shown.show(connection, record.pipe, seen);
  }

  /** The number of connected peers that were accepted at an endpoint. */
  peersAt(endpoint: string): number {
    let peers = 0;
    for (const [connection, { pipe, dialer }] of this.#records) {
      if (pipe !== undefined && dialer === undefined && connection.endpoint === endpoint) peers++;
    }
    return peers;
  }
}
