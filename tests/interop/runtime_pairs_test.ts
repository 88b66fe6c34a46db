/**
 * Every compatible pair of socket types, this runtime against each of the three. Run on all three, that is each ordered pair
 * of runtimes.
 *
 * @module
 */

import { Peer } from "../support/peers/controller.ts";
import { EVERY_PAIR, testPairs } from "./matrix.ts";

for (const runtime of ["deno", "bun", "node"] as const) testPairs(new Peer(runtime), EVERY_PAIR);
