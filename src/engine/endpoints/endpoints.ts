/**
 * The endpoints of one socket, by the text that the program passes: bound and connected ones, each with the carrier of its scheme.
 *
 * @module
 */

import { type Endpoint, type EndpointAttempt, type EndpointUse, parseEndpoint } from "../../schemes/endpoint.ts";
import { checkEndpointOptions } from "../../schemes/endpoint_options.ts";
import { schemeOf } from "../../schemes/registry.ts";
import type { CarrierKind } from "../../schemes/scheme.ts";
import type { Carrier, EndpointValues } from "../carriers/carrier.ts";
import type { SocketEvent } from "../events.ts";
import type { SocketDefinition } from "../socket_definition.ts";
import { about } from "./arguments.ts";
import { type BindingHost, Bindings } from "./bindings.ts";
import { Dialers, type DialersHost } from "./dialers.ts";
import type { EndpointFailure, EndpointStatus } from "./endpoint_status.ts";

/** The socket, as its endpoints see it. */
export interface EndpointsHost extends BindingHost, DialersHost {
  readonly definition: SocketDefinition;
  readonly peerCount: number;
  /** The number of connected peers that were accepted at an endpoint. */
  peersAt(endpoint: string): number;
  /** Notified before an endpoint is bound or connected. */
  readonly hints: { binding(): void; connecting(endpoint: string): void };
  /** An endpoint is no longer bound. */
  unbound(endpoint: string): void;
  /** Waiting sends may have a queue now. */
  routesChanged(): void;
}

/** All endpoints of one socket. */
export class Endpoints {
  readonly bindings: Bindings;
  readonly dialers: Dialers;
  /** The one that was bound or connected last. */
  last: string | null = null;
  readonly #host: EndpointsHost;
  readonly #carriers: Readonly<Record<CarrierKind, Carrier>>;

  constructor(host: EndpointsHost, carriers: Readonly<Record<CarrierKind, Carrier>>) {
    this.#host = host;
    this.#carriers = carriers;
    this.bindings = new Bindings(host);
    this.dialers = new Dialers(host);
  }

  /** @param options Options that the scheme of the endpoint brings. */
  async bind(endpoint: string, options?: object): Promise<string> {
    const [address, carrier, values] = about(endpoint, () => this.#new(endpoint, "bind", options));
    this.#host.hints.binding();
    const bound = await this.bindings.bind(endpoint, address, carrier, values);
    // Over inproc it was bound before `close` was called.
    this.#host.requireOpen();
    return this.last = bound;
  }

  async unbind(endpoint: string): Promise<void> {
    const [address] = about(endpoint, () => this.#parse(endpoint, "bind", "unbind"));
    this.#host.unbound(await this.bindings.unbind(endpoint, address));
  }

  /**
   * @param options Options that the scheme of the endpoint brings, and those of `own`.
   * @param own Names of the options that the caller checks.
   * @param routingId The routing id to know the peer by.
   */
  connect(endpoint: string, options?: object, own?: readonly string[], routingId?: Uint8Array): void {
    about(endpoint, () => {
      const [address, carrier, values] = this.#new(endpoint, "connect", options, own);
      const canonical = address.toString();
      if (this.#host.definition.connectsOnce === true && this.dialers.has(canonical)) return;
      this.#host.hints.connecting(canonical);
      this.dialers.connect(address, carrier, { routingId, values });
      this.last = canonical;
      this.#host.routesChanged();
    });
  }

  disconnect(endpoint: string): void {
    about(endpoint, () => this.dialers.disconnect(this.#parse(endpoint, "connect", "disconnect")[0]));
  }

  /** The current endpoints, bound ones first. */
  status(): EndpointStatus[] {
    return [...this.bindings.status((endpoint) => this.#host.peersAt(endpoint)), ...this.dialers.status()];
  }

  /** The names of the same. Fast: a loop of sends that time out asks for them each time. */
  names(): string[] {
    return [...this.bindings.names(), ...this.dialers.names()];
  }

  /** Returns true while an endpoint is connected, or being connected. */
  connects(endpoint: string): boolean {
    return this.dialers.has(endpoint);
  }

  /**
   * Why endpoints have no peer now, and all errors of endpoints from this date on. With a peer those of bound endpoints do not count:
   * a stranger, such as a port scanner, can cause them.
   */
  failures(since: number): EndpointFailure[] {
    return [...this.#host.peerCount > 0 ? [] : this.bindings.failures(since), ...this.dialers.failures(since)];
  }

  /** Notes what an event says about the bound endpoint that it names. */
  saw(event: SocketEvent): void {
    if ("error" in event) {
      if (event.error !== undefined) this.bindings.noteError(event.endpoint, event.error);
    } else if (event.type === "handshake") this.bindings.noteSuccess(event.endpoint);
  }

  /** An endpoint with what carries its connections. */
  #parse(text: string, use: EndpointUse, attempt: EndpointAttempt = use): [address: Endpoint, carrier: Carrier] {
    this.#host.requireOpen();
    const address = parseEndpoint(text, use, attempt);
    const carrier = this.#carriers[schemeOf(address.scheme).carrier];
    carrier.require(address, attempt);
    return [address, carrier];
  }

  /** An endpoint to make connections at, with the options that its scheme brings. */
  #new(
    text: string,
    use: EndpointUse,
    options: object | undefined,
    own?: readonly string[],
  ): [address: Endpoint, carrier: Carrier, values: EndpointValues] {
    const [address, carrier] = this.#parse(text, use);
    const { scheme, connectOptions, bindOptions } = schemeOf(address.scheme);
    const values = checkEndpointOptions(scheme, use, use === "bind" ? bindOptions : connectOptions, options, own);
    carrier.requireNew?.(address, use);
    return [address, carrier, values];
  }
}
