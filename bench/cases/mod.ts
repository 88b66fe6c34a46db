/**
 * All benchmarks, in the order of the table.
 *
 * @module
 */

import type { BenchCase } from "../case.ts";
import { pushPull } from "./push_pull.ts";
import { rawRoundTrip } from "./raw_round_trip.ts";
import { requestReply } from "./request_reply.ts";

/** The benchmarks between two processes. */
export const CASES: readonly BenchCase[] = [pushPull, requestReply, rawRoundTrip];
