/**
 * Keeps one endpoint connected: dials, and dials again after a loss, with back-off, until it is stopped.
 *
 * @module
 */

import type { Endpoint } from "../endpoint.ts";
import { isProtocolError } from "../errors.ts";
import type { Link, TransportLoader } from "../transport.ts";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import type { Settings } from "./options.ts";
import type { WirePipe } from "./wire_pipe.ts";

/** What a dialer asks of its socket. */
export interface DialerOwner {
  /** A link is open: puts a connection on it. */
  dialed(dialer: Dialer, link: Link): Connection;
  /** The dialer has its connection. */
  connected(dialer: Dialer, connection: Connection): void;
  /** There is no connection now; the next attempt follows after `interval` ms, or never if that is `undefined`. */
  retrying(dialer: Dialer, interval: number | undefined, error: Error | undefined): void;
}

/** Connects to one endpoint, again and again. */
export class Dialer {
  /** The endpoint, in canonical form. */
  readonly endpoint: string;
  /** The pipe that lives across connections, where the socket type queues ahead. */
  readonly pipe: WirePipe | undefined;

  readonly #address: Endpoint;
  readonly #loader: TransportLoader;
  readonly #owner: DialerOwner;
  readonly #backoff: Backoff;
  readonly #reconnects: boolean;
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #givenUp = false;
  #connection: Connection | undefined;

  constructor(
    address: Endpoint,
    loader: TransportLoader,
    settings: Settings,
    owner: DialerOwner,
    pipe: WirePipe | undefined,
  ) {
    this.endpoint = address.toString();
    this.pipe = pipe;
    this.#address = address;
    this.#loader = loader;
    this.#owner = owner;
    this.#backoff = new Backoff(Math.max(0, settings.reconnectInterval), settings.reconnectMaxInterval);
    this.#reconnects = settings.reconnectInterval > 0;
  }

  /** The connection, while there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Whether attempts to connect go on: not stopped, and not given up. */
  get active(): boolean {
    return !this.#abort.signal.aborted && !this.#givenUp;
  }

  /** Makes an attempt to connect. */
  dial(): void {
    const { signal } = this.#abort;
    Promise.resolve()
      .then(this.#loader)
      .then((transport) => transport.connect(this.#address, { signal }))
      .then((link) => {
        if (signal.aborted) return link.abort();
        this.#connection = this.#owner.dialed(this, link);
        this.#owner.connected(this, this.#connection);
      })
      .catch((error) => {
        if (!signal.aborted) this.#retry(error);
      });
  }

  /** The handshake is complete. */
  succeeded(): void {
    this.#backoff.reset();
  }

  /** The connection is lost: dials again later. */
  lost(error: Error | undefined): void {
    this.#connection = undefined;
    if (!this.#abort.signal.aborted) this.#retry(error);
  }

  /** Makes no further attempt. A connection that is open stays. */
  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#expiry);
  }

  /** Calls `end` after `time` ms, unless it is stopped before. */
  expire(time: number, end: () => void): void {
    this.#expiry = setTimeout(end, time);
  }

  #retry(error: Error | undefined): void {
    this.#givenUp = !this.#reconnects;
    // A wrong mechanism or socket type will be wrong the next time, too.
    const interval = this.#reconnects
      ? Math.round(isProtocolError(error) ? this.#backoff.slow() : this.#backoff.next())
      : undefined;
    if (interval !== undefined) this.#timer = setTimeout(() => this.dial(), interval);
    this.#owner.retrying(this, interval, error);
  }
}
