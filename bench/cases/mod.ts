/**
 * All benchmarks between two programs, in the order of the tables.
 *
 * @module
 */

import type { BenchCase } from "../case.ts";
import { connectStorm, idleConnections } from "./connections.ts";
import { dealerRouter, routerDealers } from "./dealer_router.ts";
import { flood } from "./flood.ts";
import { memoryKept, memoryThrough } from "./memory.ts";
import { pubSub, pubSubStopped, pubSubTopics } from "./pub_sub.ts";
import { curve, interop, pushPull } from "./push_pull.ts";
import { rawRoundTrip } from "./raw_round_trip.ts";
import { requestReply } from "./request_reply.ts";
import { zeromqEntry, zeromqEntryRoundTrip } from "./zeromq_entry.ts";

/** The benchmarks. */
export const CASES: readonly BenchCase[] = [
  pushPull("tcp", "16 B", "64 B", "256 B", "1 KiB", "16 KiB", "64 KiB", "1 MiB"),
  pushPull("ipc", "64 B", "16 KiB"),
  pushPull("inproc", "64 B"),
  interop,
  curve,
  requestReply("tcp"),
  requestReply("ipc"),
  requestReply("inproc"),
  zeromqEntry,
  zeromqEntryRoundTrip,
  rawRoundTrip,
  dealerRouter,
  routerDealers,
  pubSub,
  pubSubTopics,
  pubSubStopped,
  connectStorm,
  flood,
  memoryThrough,
  memoryKept,
  idleConnections,
];
