/**
 * The compliance suite on links in memory: the core of all links, with nothing of a runtime below it.
 *
 * @module
 */

import { runtime } from "../support/harness.ts";
import { memoryLinks } from "../support/memory_link.ts";
import { transportCompliance } from "./compliance.ts";
import { PairTransport } from "./pair_transport.ts";

const transport = new PairTransport((server, client) => memoryLinks(client, server));
transportCompliance(`a link in memory on ${runtime}`, () => Promise.resolve(transport), "tcp://127.0.0.1:0");
