/**
 * A transport that the test plays: keeps what it is asked for, and connects, listens, closes and fails as the test says.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import { ZmqError, type ZmqErrorCode } from "../../src/base/errors.ts";
import {
  type ConnectOptions,
  type Link,
  type Listener,
  type ListenOptions,
  registerTransport,
  type Transport,
} from "../../src/transport/transport.ts";
import { FakeLink } from "./fake_link.ts";

/** Something a transport was asked for. */
export interface Asked<Options> {
  readonly endpoint: string;
  readonly options: Options;
}

let made = 0;

/** A transport of its own scheme, under which it is registered. */
export class PlayedTransport implements Transport {
  /** An endpoint for it. */
  readonly endpoint: string;
  readonly connects: Asked<ConnectOptions>[] = [];
  readonly listens: Asked<ListenOptions>[] = [];
  /** The behavior of a connect. Default: it is pending until it is aborted. */
  onConnect: () => Link | Promise<Link> = () => new Promise(() => {});
  /** The behavior of closing a listener. */
  onClose: () => Promise<void> = () => Promise.resolve();
  /** Hands an incoming link to the last listener. */
  accept: (link: Link) => void = () => {};

  constructor() {
    const scheme = `played-${++made}`;
    this.endpoint = `${scheme}://there`;
    registerTransport(scheme, () => Promise.resolve(this));
  }

  async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Link> {
    this.connects.push({ endpoint: endpoint.toString(), options });
    const { signal } = options;
    const abandoned = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return await Promise.race([this.onConnect(), abandoned]);
  }

  // deno-lint-ignore require-await -- what it throws shall reject
  async listen(endpoint: Endpoint, onLink: (link: Link) => void, options: ListenOptions = {}): Promise<Listener> {
    this.listens.push({ endpoint: endpoint.toString(), options });
    this.accept = onLink;
    return { endpoint: endpoint.toString(), close: () => this.onClose() };
  }

  /** Links of connects that succeeded by `succeed`. */
  readonly links: FakeLink[] = [];

  /** From now on, connects succeed; the socket's `connect` event reports that the last of `links` has been started. */
  succeed(): void {
    this.onConnect = () => {
      const link = new FakeLink();
      this.links.push(link);
      return link;
    };
  }

  /** From now on, connects fail. */
  refuse(code: ZmqErrorCode = "ECONNREFUSED"): void {
    this.onConnect = () => {
      throw new ZmqError(code, `Cannot connect to ${this.endpoint}: the test says so`);
    };
  }
}
