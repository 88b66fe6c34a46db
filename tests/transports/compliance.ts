/**
 * The requirements for every transport: the contract in `src/transport/transport.ts`, as tests. Every pair of links is
 * also checked for violations that no single test looks for (see `peer.ts`).
 *
 * @module
 */

import type { Transport } from "../../src/transport/transport.ts";
import { closingCompliance } from "./compliance_closing.ts";
import { connectingCompliance } from "./compliance_connecting.ts";
import { dataCompliance } from "./compliance_data.ts";
import { declareFor, type Variation } from "./declare.ts";

/**
 * Declares the tests of a transport.
 *
 * @param name Put before the name of each test.
 * @param load Loads the transport.
 * @param endpoint Where to listen; every listener must get an address of its own (port 0).
 */
export function transportCompliance(
  name: string,
  load: () => Promise<Transport>,
  endpoint: string,
  variation: Variation = {},
): void {
  const declare = declareFor(name, load, endpoint, variation);
  dataCompliance(declare);
  closingCompliance(declare);
  connectingCompliance(declare);
}
