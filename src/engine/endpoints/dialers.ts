/**
 * The endpoints that a socket has connected: in use, and no longer in use but with messages still to send.
 *
 * | Event             | USED     | RETIRING | REMOVED |
 * | ----------------- | -------- | -------- | ------- |
 * | finish            | REMOVED  | -        | -       |
 * | finish, connected | RETIRING | -        | -       |
 * | finish, queued    | RETIRING | -        | -       |
 * | lost              | -        | REMOVED  | -       |
 * | lost, queued      | -        | -        |         |
 * | stops             | REMOVED  | REMOVED  | -       |
 * | deadline          |          | REMOVED  |         |
 *
 * A dialer is finished by `disconnect` and `close`; a later call can only bring its deadline forward. It retires if there is a
 * complete connection, which sends the rest, or a queue for the next one. `stops`: the dialer makes no further attempt, because of the
 * options. `-` changes nothing; an empty cell cannot happen: only a dialer that retires has a deadline, and one that is REMOVED has
 * nothing queued. `tests/engine/endpoints/dialer_states_test.ts` walks the table.
 *
 * More than 20 members because it knows all dialers for its socket, and is the host of each.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Endpoint } from "../../schemes/endpoint.ts";
import { ZmqError } from "../../base/errors.ts";
import { messageBytes, toKey } from "../../base/message.ts";
import { endpointText } from "../../base/peer_text.ts";
import type { Carrier, Dial, EndpointValues } from "../carriers/carrier.ts";
import type { EndpointFailure, EndpointStatus } from "./endpoint_status.ts";
import type { Connections } from "../connections.ts";
import type { Pipes } from "../pipes.ts";
import { Dialer, type DialerHost } from "./dialer.ts";
import type { SocketEvent } from "../events.ts";
import type { Connection } from "../connection/contract.ts";
import type { ProcessHold } from "../waits/process_hold.ts";
import type { Linger } from "../linger.ts";
import type { Settings } from "../settings.ts";

/** The socket, as its dialers see it. */
export interface DialersHost {
  readonly settings: Settings;
  readonly clock: Clock;
  /** The reasons to keep the process alive. */
  readonly hold: ProcessHold;
  readonly linger: Linger;
  readonly connections: Connections;
  readonly pipes: Pipes;
  /** True if `connect` makes a pipe at once, to a peer with this routing id. */
  queuesAhead(routingId: Uint8Array | undefined): boolean;
  emit(event: SocketEvent): void;
  /** Messages could not be sent. */
  gaveUp(messages: number): void;
  /** A dialer has ended. */
  dialerEnded(): void;
}

/** A message is dropped when this number of peers in a row have disconnected in the middle of it. */
const MAX_CUTS = 3;

/** Options of `connect`. */
export interface DialOptions {
  /** The routing id to know the peer by. */
  readonly routingId?: Uint8Array | undefined;
  /** The options that the scheme of the endpoint brings. */
  readonly values: EndpointValues;
}

/** The connected endpoints of one socket. */
export class Dialers implements DialerHost {
  readonly #host: DialersHost;
  readonly #active = new Set<Dialer>();
  /** No longer in use; they stay until their queues are sent. */
  readonly #retiring = new Set<Dialer>();
  #reconnects = 0;
  /** The last endpoint that is no longer in use because the options allow no further attempt. */
  #stopped: EndpointFailure | undefined;

  constructor(host: DialersHost) {
    this.#host = host;
    host.hold.onChange = (refed) => {
      for (const dialer of [...this.#active, ...this.#retiring]) dialer.setRefed(refed);
    };
  }

  /** The number of dialers that are no longer in use, but still have messages to send. */
  get retiring(): number {
    return this.#retiring.size;
  }

  /** The number of reconnects in total. */
  get reconnects(): number {
    let count = this.#reconnects;
    for (const dialer of [...this.#active, ...this.#retiring]) count += dialer.reconnects;
    return count;
  }

  /** The endpoints as they are now, in the order in which they were connected. */
  status(): EndpointStatus[] {
    return [...this.#retiring, ...this.#active].map((dialer) => {
      const { endpoint, connection, record: { since, attempts, nextAttempt, lastError, lastErrorTime: time } } = dialer;
      const state = this.#retiring.has(dialer) ? "closing" : dialer.state;
      const peer = connection && this.#host.connections.peerOf(connection);
      const peers = peer === undefined ? 0 : 1;
      const lastErrorTime = lastError && time;
      return { endpoint, kind: "connect", state, since, attempts, nextAttempt, lastError, lastErrorTime, peer, peers };
    });
  }

  /** The names of the same. */
  names(): string[] {
    return Array.from([...this.#retiring, ...this.#active], ({ endpoint }) => endpoint);
  }

  /** The errors of endpoints since they were last connected, and all errors from this date on. */
  failures(since: number): EndpointFailure[] {
    const failures = this.#stopped === undefined ? [] : [this.#stopped];
    for (const { endpoint, state, record: { lastError: error, lastErrorTime: time, lastConnected } } of this.#active) {
      const current = state !== "connected" && time >= lastConnected;
      if (error !== undefined && (current || time >= since)) failures.push({ endpoint, error, time });
    }
    return failures;
  }

  /** True if an endpoint is connected, by its canonical form. */
  has(endpoint: string): boolean {
    for (const dialer of this.#active) if (dialer.endpoint === endpoint) return true;
    return false;
  }

  /**
   * Starts to connect.
   *
   * @throws {ZmqError} `EADDRINUSE` if another endpoint is connected under this routing id, or the socket type takes no
   * further peer.
   */
  connect(address: Endpoint, carrier: Carrier, { routingId, values }: DialOptions): void {
    if (routingId !== undefined) this.#requireFree(toKey(routingId));
    const { settings, clock, connections, pipes } = this.#host;
    const pipe = this.#host.queuesAhead(routingId) ? pipes.open(routingId) : undefined;
    if (pipe !== undefined) {
      const refused = pipes.attach(pipe);
      if (refused !== undefined) throw refused;
    }
    const { hold } = carrier;
    const dial = carrier.dial(address, values);
    hold.take();
    // A pipe that outlives its connections leaves nothing behind. Before the attempt, so that nothing is lost with it.
    const spared: Dial = (attempt) => {
      const crowded = pipe === undefined ? connections.crowded() : undefined;
      if (crowded === undefined) dial(attempt);
      else attempt.failed(crowded);
    };
    this.#stopped = undefined;
    const dialer = new Dialer({ address, settings, clock, hold, dial: spared, pipe, routingId }, this);
    this.#active.add(dialer);
    dialer.setRefed(this.#host.hold.refed);
    dialer.dial();
  }

  /**
   * Undoes `connect`; queued messages are sent within `linger`.
   *
   * @throws {ZmqError} `ENOENT` if the endpoint is not connected.
   */
  disconnect(address: Endpoint): void {
    const endpoint = address.toString();
    const dialers = [...this.#active].filter((dialer) => dialer.endpoint === endpoint);
    if (dialers.length === 0) {
      throw new ZmqError("ENOENT", `Cannot disconnect: ${endpointText(endpoint)} is not connected by this socket`);
    }
    const { linger, settings } = this.#host;
    const deadline = linger.deadline(settings.linger);
    for (const dialer of dialers) this.#finish(dialer, deadline, "disconnect");
  }

  /**
   * Retires all dialers: they end when their queued messages are sent, at the latest at the deadline. A later call can
   * only shorten that.
   */
  finish(deadline: number): void {
    for (const dialer of [...this.#active, ...this.#retiring]) this.#finish(dialer, deadline, "close");
  }

  /** The connection of a dialer is lost. */
  lost(dialer: Dialer, error: Error | undefined, handshaken: boolean): void {
    if (handshaken) this.#dropUnwanted(dialer);
    const retiring = this.#retiring.has(dialer);
    if (retiring && !dialer.pipe?.outbox.messages) dialer.drop();
    dialer.lost(error, handshaken);
    if (retiring) this.#dropUnneeded(dialer);
  }

  /** A message that no peer accepts must not block everything behind it forever: libzmq loses it with the first connection. */
  #dropUnwanted({ endpoint, pipe }: Dialer): void {
    if (pipe === undefined || pipe.outbox.suspect.cuts < MAX_CUTS) return;
    const message = pipe.outbox.dropFirst();
    if (message === undefined) return;
    const bytes = messageBytes(message);
    const text =
      `${MAX_CUTS} connections to ${
        endpointText(endpoint)
      } in a row were closed by the peer in the middle of the same message ` +
      `(${bytes} bytes in ${message.length} frames), which is dropped: it may be larger than the peer accepts`;
    const error = new ZmqError("EMSGSIZE", text);
    this.#host.emit({ type: "message:dropped", endpoint, frames: message.length, bytes, error });
  }

  dialing({ endpoint }: Dialer): void {
    this.#host.emit({ type: "connect:delay", endpoint });
  }

  connected(dialer: Dialer, connection: Connection): void {
    // Known first: a listener may close the socket, and that must find it.
    this.#host.connections.add(connection, dialer);
    this.#host.emit({ type: "connect", endpoint: dialer.endpoint, remote: connection.remote });
  }

  retrying(dialer: Dialer, interval: number | undefined, error: Error | undefined): void {
    const { endpoint, pipe } = dialer;
    if (interval !== undefined) {
      this.#host.emit({ type: "connect:retry", endpoint, interval, ...error && { error } });
    } else {
      const dropped = pipe?.outbox.messages ?? 0;
      if (this.#retiring.has(dialer)) this.#drop(dialer);
      else this.#giveUp(dialer);
      const { lastError } = dialer.record;
      if (lastError !== undefined) this.#stopped = { endpoint, error: lastError, time: dialer.record.lastErrorTime };
      const reason = error ?? new ZmqError("ECONNRESET", `The connection to ${endpointText(endpoint)} was lost`);
      this.#host.emit({ type: "connect:end", endpoint, dropped, error: reason });
    }
  }

  /** A peer that is not connected yet, or not at present, keeps its routing id. */
  #requireFree(key: string): void {
    for (const dialer of [...this.#active, ...this.#retiring]) {
      if (dialer.routingId === undefined || toKey(dialer.routingId) !== key) continue;
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot connect: ${endpointText(dialer.endpoint)} has this routing id; choose another id`,
      );
    }
  }

  /** As in libzmq: the endpoint is no longer used, and must not swallow messages that another peer could take. */
  #giveUp(dialer: Dialer): void {
    this.#active.delete(dialer);
    dialer.hold.release();
    this.#reconnects += dialer.reconnects;
    if (dialer.pipe === undefined) return;
    this.#host.pipes.drop(dialer.pipe);
    this.#host.pipes.detach(dialer.pipe);
  }

  /** Retires a dialer, or shortens its time. */
  #finish(dialer: Dialer, deadline: number, reason: "close" | "disconnect"): void {
    dialer.record.ending ??= reason;
    dialer.deadline = Math.min(deadline, dialer.deadline ?? Infinity);
    if (this.#active.delete(dialer)) {
      this.#retiring.add(dialer);
      dialer.record.entered();
      this.#host.connections.leave(dialer);
      if (dialer.connection?.handshaken) dialer.connection.finish(deadline);
      else this.#dropUnneeded(dialer);
    }
    if (this.#retiring.has(dialer)) this.#host.linger.watch(dialer, deadline, () => this.#drop(dialer));
  }

  /** Ends a retiring dialer that has nothing to send, or no peer to send it to. */
  #dropUnneeded(dialer: Dialer): void {
    if (dialer.pipe !== undefined && dialer.pipe.outbox.messages > 0 && dialer.active) return;
    this.#drop(dialer);
  }

  /** Ends a retiring dialer now; what is still queued is dropped. */
  #drop(dialer: Dialer): void {
    if (!this.#retiring.delete(dialer)) return;
    dialer.drop();
    dialer.hold.release();
    this.#reconnects += dialer.reconnects;
    const { connections, pipes, linger } = this.#host;
    linger.forget(dialer);
    if (dialer.connection !== undefined) connections.drop(dialer.connection, dialer.pipe);
    else if (dialer.pipe !== undefined) this.#host.gaveUp(pipes.drop(dialer.pipe));
    this.#host.dialerEnded();
  }
}
