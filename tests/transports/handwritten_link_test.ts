/**
 * The compliance suite on a link that is written by hand, without the core that ours share: what the contract asks of other
 * people's links has not changed.
 *
 * @module
 */

import { HandwrittenLink } from "../support/handwritten_link.ts";
import { runtime } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";
import { PairTransport } from "./pair_transport.ts";

const transport = new PairTransport((server, client) => {
  const [ours, theirs] = HandwrittenLink.pair(client, server);
  return [ours, theirs];
});
transportCompliance(`a link by hand on ${runtime}`, () => Promise.resolve(transport), "tcp://127.0.0.1:0", {
  knows: "nothing",
});
