/**
 * Connections over byte streams, which the transport of a scheme opens and accepts, or the program: tcp, ipc, attached links.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { Endpoint, EndpointAttempt, EndpointUse } from "../../schemes/endpoint.ts";
import { schemeOf } from "../../schemes/registry.ts";
import { portLink } from "../../transport/port_driver.ts";
import type { ThreadPort } from "../../transport/thread_port.ts";
import {
  type FrameOptions,
  type Link,
  type Listener,
  type ListenOptions,
  transportLacks,
} from "../../transport/transport.ts";
import { SlabPool } from "../../zmtp/batch_encoder.ts";
import { connectOptions, listenOptions, protocolFor, threadProtocolFor } from "../connection/connection_options.ts";
import type { ConnectionHost } from "../connection/contract.ts";
import { LinkConnection } from "../connection/link_connection.ts";
import { ThreadConnection } from "../connection/thread_connection.ts";
import type { Context } from "../context.ts";
import type { SocketEvent } from "../events.ts";
import { loadMechanism, requireMechanism } from "../mechanisms.ts";
import type { Settings } from "../settings.ts";
import type { SocketDefinition } from "../socket_definition.ts";
import type { Hold } from "../waits/process_hold.ts";
import type { Carrier, Dial, EndpointValues } from "./carrier.ts";
import { load, loaderFor } from "./load_transport.ts";

/** The socket of links. */
export interface LinkHost {
  readonly definition: SocketDefinition;
  readonly settings: Settings;
  readonly context: Context;
  readonly clock: Clock;
  /** Keeps the process alive for each endpoint. */
  readonly linkHold: Hold;
  readonly closed: boolean;
  /** The owner of the connections. */
  readonly connections: ConnectionHost;
  /** Takes a link that was accepted at a bound endpoint. */
  comesIn(link: Link, endpoint: string): void;
  emit(event: SocketEvent): void;
}

function own(values: EndpointValues): { readonly endpointOptions?: object } {
  return values === undefined ? {} : { endpointOptions: values };
}

/** The connections of one socket over links. */
export class LinkCarrier implements Carrier {
  protected readonly host: LinkHost;
  // Shared by all connections of a socket: only those with unsent bytes hold a slab.
  readonly #slabs = new SlabPool();

  constructor(host: LinkHost) {
    this.host = host;
  }

  get hold(): Hold {
    return this.host.linkHold;
  }

  require(address: Endpoint, _attempt: EndpointAttempt): void {
    loaderFor(this.host.definition, address);
  }

  requireNew(address: Endpoint, use: EndpointUse): void {
    const { scheme } = address;
    schemeOf(scheme).requireReachable?.(address, use, (what) => transportLacks(scheme, what));
    requireMechanism(this.host.settings, this.host.context);
  }

  listen(address: Endpoint, bound: () => string, values: EndpointValues): Promise<Listener> {
    const { definition, settings } = this.host;
    const onError = (error: Error) => this.host.emit({ type: "accept:error", endpoint: bound(), error });
    const onLink = (link: Link) => {
      if (this.host.closed) return link.abort();
      try {
        this.check?.(link);
      } catch (error) {
        link.abort();
        return onError(error as Error);
      }
      this.host.comesIn(link, bound());
    };
    const options = { ...this.#listenOptions(address, values), onError };
    const loaded = Promise.all([load(loaderFor(definition, address), address), loadMechanism(settings)]);
    const listening = loaded.then(([transport]) => transport.listen(address, onLink, options));
    return listening.then((listener) => (listener.unref?.(), listener));
  }

  #listenOptions(address: Endpoint, values: EndpointValues): ListenOptions {
    const { definition, settings } = this.host;
    const shared = definition.sharesPorts === true ? { reusePort: true } : {};
    return { ...listenOptions(settings, address), ...shared, ...this.extras, ...own(values) };
  }

  /** Rejects if an endpoint cannot be listened on by this socket alone. */
  async probe(address: Endpoint, values: EndpointValues): Promise<void> {
    const transport = await load(loaderFor(this.host.definition, address), address);
    const listener = await transport.listen(address, (link) => link.abort(), this.#listenOptions(address, values));
    await listener.close();
  }

  /** The options of every transport of this kind, besides those of its scheme. */
  protected get extras(): FrameOptions {
    return {};
  }

  /** @throws {ZmqError} If a link that the transport opened is not of this kind. */
  protected check?(link: Link): void;

  dial(address: Endpoint, values: EndpointValues): Dial {
    const { definition, settings } = this.host;
    const loader = loaderFor(definition, address);
    return ({ endpoint, signal, connected, failed }) => {
      const linked = async () => {
        const transport = await load(loader, address);
        const options = { ...connectOptions(settings, address), ...this.extras, ...own(values), signal };
        const link = await transport.connect(address, options);
        try {
          this.check?.(link);
        } catch (error) {
          link.abort();
          throw error;
        }
        return this.connection(link, endpoint);
      };
      linked().then(connected, failed);
    };
  }

  /** A connection over a link, which is not started yet. */
  connection(link: Link, endpoint: string): LinkConnection {
    const { definition, settings, context, connections, clock } = this.host;
    // The socket decides whether the process is kept alive.
    link.unref?.();
    const protocol = protocolFor(definition, settings, context, link);
    return new LinkConnection(link, endpoint, protocol, this.#slabs, connections, clock);
  }

  /** A connection to a socket of another thread, which is not started yet. */
  threadConnection(
    port: ThreadPort,
    endpoint: string,
    owner: ConnectionHost = this.host.connections,
  ): ThreadConnection {
    const { definition, settings, clock } = this.host;
    const protocol = threadProtocolFor(definition, settings);
    return new ThreadConnection(portLink(port, endpoint), endpoint, protocol, this.#slabs, owner, clock);
  }
}
