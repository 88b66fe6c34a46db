/**
 * The type of the transports in this directory: all their links are {@link LinkCore}s, which a SOCKS handshake can hand over.
 *
 * @module
 */

import type { Endpoint } from "../../src/schemes/endpoint.ts";
import type { ConnectOptions, Transport } from "../../src/transport/transport.ts";
import type { LinkCore } from "../../src/transport/link.ts";

/** A transport whose links are {@link LinkCore}s. */
export interface CoreTransport extends Transport {
  /** See {@link Transport.connect}. */
  connect(endpoint: Endpoint, options?: ConnectOptions): Promise<LinkCore>;
}
