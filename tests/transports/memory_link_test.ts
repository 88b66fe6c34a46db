/**
 * The compliance suite on the link that the tests write by hand: what they attach keeps the contract.
 *
 * @module
 */

import { runtime } from "../support/harness.ts";
import { MemoryLink } from "../support/memory_link.ts";
import { transportCompliance } from "./compliance.ts";
import { PairTransport } from "./pair_transport.ts";

const transport = new PairTransport((server, client) => {
  const [ours, theirs] = MemoryLink.pair(client, server);
  return [ours, theirs];
});
transportCompliance(`a link in memory on ${runtime}`, () => Promise.resolve(transport), "tcp://127.0.0.1:0", {
  knows: "nothing",
});
