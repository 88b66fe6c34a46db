/**
 * The connections of one socket, from the first byte to the last: what they report, how they end, and how they are shown.
 *
 * More than 20 members because it alone knows which connection, dialer and pipe belong together.
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
import { authenticates, mechanismOf } from "./mechanisms.ts";
import { type PeerChoice, PeersShown } from "./peers_shown.ts";
import type { Connection, ConnectionHost } from "./connection/contract.ts";
import type { Hold } from "./waits/process_hold.ts";
import type { PeerPipe } from "./pipe/pipe.ts";
import type { Pipes } from "./pipes.ts";
import type { Pattern } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Settings } from "./settings.ts";
import type { PeerStatistics, SocketStatistics } from "./statistics.ts";
import { writeError } from "../base/write_error.ts";

/** The socket, as its connections see it. */
export interface ConnectionsHost {
  readonly settings: Settings;
  readonly pattern: Pattern;
  readonly pipes: Pipes;
  readonly clock: Clock;
  /** Keeps the process alive for each connection over a link. */
  readonly linkHold: Hold;
  readonly linger: Linger;
  readonly closed: boolean;
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
  readonly #shown = new PeersShown();
  /** The limits of incoming connections. */
  readonly arrivals: Arrivals;
  #peers = 0;

  constructor(host: ConnectionsHost) {
    this.#host = host;
    this.arrivals = new Arrivals(host, host.pipes.leftovers);
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
    if (connection.linked) this.#host.linkHold.take();
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

  /** Takes the pipe of a dialer that ends from the pattern, also one that began with its connection. */
  leave({ pipe, connection }: Dialer): void {
    const used = pipe ?? (connection && this.#records.get(connection)?.pipe);
    if (used !== undefined) this.#host.pipes.detach(used);
  }

  // Reports of connections.

  connectionReady(connection: Connection, peer: PeerInfo | undefined): PeerPipe | ZmqError {
    const record = this.#records.get(connection)!;
    const { dialer } = record;
    const { settings, pattern, pipes } = this.#host;
    const pipe = dialer?.pipe ?? pipes.open(dialer?.routingId);
    this.#handshakes.delete(connection);
    pipe.identity = peer?.identity ?? NO_BYTES;
    pipe.metadata = connection.linked && authenticates(settings) ? peer?.metadata : undefined;
    pipe.connect(connection);
    if (settings.helloMessage !== null) pipe.sendFirst([settings.helloMessage.slice()]);
    if (dialer?.pipe === undefined) {
      const refused = pipes.attach(pipe);
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
      const { pattern, pipes, closed } = this.#host;
      const ours = record.released !== undefined || dialer?.deadline !== undefined || closed;
      pattern.disconnected?.(pipe, !ours);
      if (!ours) this.#tellLoss(pipe, dialer);
      // The pipe of a dialer waits for its next connection.
      if (pipe === dialer?.pipe) {
        if (pipes.attached(pipe)) pattern.waiting?.(pipe);
      } else {
        pipes.detach(pipe);
        this.#host.gaveUp(pipes.drop(pipe));
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
    if (connection.linked) this.#host.linkHold.release();
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
    const { linger, pipes } = this.#host;
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
        pipes.detach(record.pipe);
      }
      record.released = endpoint === undefined ? "close" : "unbind";
      finish(connection, deadline);
      if (this.#records.has(connection)) linger.watch(connection, deadline, () => this.drop(connection, record.pipe));
    }
  }

  /** Ends a connection now; queued messages are dropped. */
  drop(connection: Connection, pipe: PeerPipe | undefined): void {
    if (pipe !== undefined) this.#host.gaveUp(this.#host.pipes.drop(pipe));
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
        this.#host.pipes.detach(pipe);
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

  // Statistics.

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
