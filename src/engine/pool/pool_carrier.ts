/**
 * The links of a socket whose subscribers are served by threads: it listens on tcp endpoints through them.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import type { Endpoint, EndpointAttempt, EndpointUse } from "../../schemes/endpoint.ts";
import { isTcp } from "../../schemes/tcp.ts";
import { canTransport, type Listener } from "../../transport/transport.ts";
import type { Carrier, Dial, EndpointValues } from "../carriers/carrier.ts";
import type { LinkCarrier } from "../carriers/link_carrier.ts";
import type { Settings } from "../settings.ts";
import type { Hold } from "../waits/process_hold.ts";
import type { Pool } from "./pool.ts";

/** The socket, as this carrier sees it. */
export interface PoolCarrierHost {
  readonly settings: Settings;
  /** Its threads. */
  pool(): Pool;
}

/** Carries connections over links, some of them in other threads. */
export class PoolCarrier implements Carrier {
  readonly #links: LinkCarrier;
  readonly #host: PoolCarrierHost;

  constructor(links: LinkCarrier, host: PoolCarrierHost) {
    this.#links = links;
    this.#host = host;
  }

  get hold(): Hold {
    return this.#links.hold;
  }

  require(address: Endpoint, attempt: EndpointAttempt): void {
    this.#links.require(address, attempt);
  }

  requireNew(address: Endpoint, use: EndpointUse): void {
    this.#links.requireNew(address, use);
  }

  listen(address: Endpoint, bound: () => string, values: EndpointValues): Promise<Listener> {
    const { settings } = this.#host;
    if (settings.threads === null || !isTcp(address)) return this.#links.listen(address, bound, values);
    return this.#listen(address, values);
  }

  async #listen(address: Endpoint & { readonly port: number }, values: EndpointValues): Promise<Listener> {
    const { manual = false, manualLastValue = false } = this.#host.settings as {
      manual?: boolean;
      manualLastValue?: boolean;
    };
    const cannot = (why: string) => new ZmqError("ENOTSUP", `Cannot listen on ${endpointText(address)}: ${why}`);
    if (!canTransport(address.scheme, "reusePort")) {
      throw cannot("threads cannot listen on one port on this runtime (capability.reusePort)");
    }
    if (manual || manualLastValue) {
      throw cannot("threads cannot serve subscribers whose subscriptions the program manages");
    }
    // Threads of another socket, or of another program of this user, would share the port with ours.
    if (address.port !== 0) await this.#links.probe(address, values);
    const pool = this.#host.pool();
    const endpoint = await pool.bind(address.toString(), values);
    return { endpoint, close: () => pool.unbind(endpoint) };
  }

  dial(address: Endpoint, values: EndpointValues): Dial {
    return this.#links.dial(address, values);
  }
}
