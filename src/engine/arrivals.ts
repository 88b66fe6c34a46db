/**
 * Limits of incoming connections: refuses connections before anything is done for them, and reports the refusals. Over inproc a peer
 * is the program itself: there only unreceived messages count.
 *
 * @module
 */

import type { Clock, Timer } from "../base/clock.ts";
import { ZmqError } from "../base/errors.ts";
import type { SocketEvent } from "./events.ts";
import { originOf } from "./peer_address.ts";
import type { ConnectionLimit } from "./refusals.ts";
import type { Settings } from "./settings.ts";
import { TokenBucket } from "./token_bucket.ts";

/** The socket, as arrivals see it. */
export interface ArrivalsHost {
  readonly settings: Settings;
  readonly clock: Clock;
  emit(event: SocketEvent): void;
}

/** The most recent refusals because of one limit, not reported yet. */
interface Unreported {
  readonly endpoint: string;
  readonly remote: string;
  readonly count: number;
}

/**
 * Time in which all refusals except the first become one event per limit, in ms, so that a flood of connections is not
 * a flood of events.
 */
const TOLD_EVERY = 1000;

/** Counts the incoming connections of one socket. */
export class Arrivals {
  readonly refusals: Record<ConnectionLimit, number> = {
    maxConnections: 0,
    maxConnectionsPerAddress: 0,
    maxHandshakesPerSecond: 0,
    maxHandshakes: 0,
    maxLeftoverBytes: 0,
  };
  readonly #host: ArrivalsHost;
  readonly #leftovers: { readonly bytes: number };
  readonly #handshakes = new TokenBucket();
  #live = 0;
  readonly #byOrigin = new Map<string, number>();
  readonly #unreported = new Map<ConnectionLimit, Unreported>();
  #timer: Timer | undefined;

  constructor(host: ArrivalsHost, leftovers: { readonly bytes: number }) {
    this.#host = host;
    this.#leftovers = leftovers;
  }

  /** The reason why no new peer is accepted now: disconnected peers have left too many messages to receive. `undefined` if there is none. */
  crowded(): ZmqError | undefined {
    const { maxLeftoverBytes } = this.#host.settings;
    if (maxLeftoverBytes === 0 || this.#leftovers.bytes < maxLeftoverBytes) return undefined;
    return new ZmqError(
      "EAGAIN",
      "Received messages of disconnected peers have reached maxLeftoverBytes: receive them",
    );
  }

  /** True if a connection is accepted; if not, the caller closes it, and the refusal is counted and reported. */
  admits(endpoint: string, remote: string): boolean {
    const limit = this.#limit(originOf(remote));
    if (limit === undefined) return true;
    this.refused(limit, endpoint, remote);
    return false;
  }

  /** Counts an incoming connection until `left` is called with the result. */
  entered(remote: string): string {
    const origin = originOf(remote);
    this.#live++;
    if (origin !== "") this.#byOrigin.set(origin, (this.#byOrigin.get(origin) ?? 0) + 1);
    return origin;
  }

  /** An incoming connection was closed. */
  left(origin: string): void {
    this.#live--;
    const others = (this.#byOrigin.get(origin) ?? 1) - 1;
    if (others === 0) this.#byOrigin.delete(origin);
    else this.#byOrigin.set(origin, others);
  }

  /**
   * Counts a connection that is closed because of a limit. The first one is reported immediately, those of the
   * following second together.
   */
  refused(limit: ConnectionLimit, endpoint: string, remote: string): void {
    this.refusals[limit]++;
    const count = (this.#unreported.get(limit)?.count ?? 0) + 1;
    this.#unreported.set(limit, { endpoint, remote, count });
    if (this.#timer === undefined) this.#tell();
  }

  /** Reports the refusals that were not reported yet: no more follow. */
  end(): void {
    this.#timer?.cancel();
    this.#emit();
  }

  /** Limits that use no allowance come first, so that a refused connection takes no handshake from others. */
  #limit(origin: string): ConnectionLimit | undefined {
    const { maxConnections, maxConnectionsPerAddress, maxHandshakesPerSecond } = this.#host.settings;
    if (maxConnections > 0 && this.#live >= maxConnections) return "maxConnections";
    if (maxConnectionsPerAddress > 0 && (this.#byOrigin.get(origin) ?? 0) >= maxConnectionsPerAddress) {
      return "maxConnectionsPerAddress";
    }
    if (this.crowded() !== undefined) return "maxLeftoverBytes";
    return this.#handshakes.take(this.#host.clock.now(), maxHandshakesPerSecond) ? undefined : "maxHandshakesPerSecond";
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#unreported.size === 0) return;
    // Before the events, because a listener may close the socket.
    this.#timer = this.#host.clock.timer(TOLD_EVERY, () => this.#tell());
    this.#timer.unref();
    this.#emit();
  }

  #emit(): void {
    const unreported = [...this.#unreported];
    this.#unreported.clear();
    for (const [limit, { endpoint, remote, count }] of unreported) {
      this.#host.emit({ type: "accept:refused", endpoint, remote, limit, count });
    }
  }
}
