/**
 * The drop-in for zeromq.js beside zeromq.js itself: the same programs, with a promise per message.
 *
 * @module
 */

import { amongThemselves, type BenchCase } from "../case.ts";
import { pushPull } from "./push_pull.ts";
import { requestReply } from "./request_reply.ts";

function throughEntry(bench: BenchCase, id: string, title: string): BenchCase {
  const { server, client } = bench.program;
  return {
    ...bench,
    id,
    title,
    entry: true,
    // Without the program in C.
    program: { server, client },
    // The drop-in has no batches, as zeromq.js.
    variants: bench.variants.filter(({ api }) => api === "await"),
    runs: amongThemselves,
  };
}

/** PUSH → PULL through the drop-in. */
export const zeromqEntry: BenchCase = throughEntry(
  pushPull("tcp", "64 B", "1 KiB"),
  "zeromq-entry",
  "PUSH → PULL, drop-in",
);
/** REQ ↔ REP through the drop-in. */
export const zeromqEntryRoundTrip: BenchCase = throughEntry(
  requestReply("tcp"),
  "zeromq-entry-req-rep",
  "REQ ↔ REP round trip, drop-in",
);
