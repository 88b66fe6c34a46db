/**
 * PLAIN and CURVE between this runtime and the other two, where servers ask the ZAP handler of their process.
 *
 * @module
 */

import { runtime } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { securedBy, testPairs } from "./matrix.ts";
import { admitting, MECHANISMS } from "./secured.ts";

for (const kind of ["deno", "bun", "node"] as const) {
  if (kind === runtime) continue;
  const peer = admitting(new Peer(kind));
  for (const mechanism of MECHANISMS) {
    testPairs(peer, ["REQ-REP", "DEALER-ROUTER", "XPUB-SUB", "PUSH-PULL"], securedBy(mechanism));
  }
}
