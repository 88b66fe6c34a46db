/**
 * What every transport must do: the contract in `src/transport.ts`, as tests. Every pair of links is also watched for
 * breaches that no single test looks for (see `peer.ts`).
 *
 * @module
 */

import type { Transport } from "../../src/transport.ts";
import { closingCompliance } from "./compliance_closing.ts";
import { connectingCompliance } from "./compliance_connecting.ts";
import { dataCompliance } from "./compliance_data.ts";
import { declareFor } from "./declare.ts";

/**
 * Declares the tests of a transport.
 *
 * @param name Put before the name of each test.
 * @param load Loads the transport.
 * @param endpoint Where to listen; every listener must get an address of its own (port 0).
 * @param lasting An endpoint whose address can be bound again after it was closed.
 * @param except Tests that it cannot pass, by name, and why.
 */
export function transportCompliance(
  name: string,
  load: () => Promise<Transport>,
  endpoint: string,
  lasting: string = endpoint,
  except: Readonly<Record<string, string>> = {},
): void {
  const declare = declareFor(name, load, endpoint, lasting, except);
  dataCompliance(declare);
  closingCompliance(declare);
  connectingCompliance(declare);
}
