/**
 * Every compatible pair of socket types, this runtime against each of the three. Run on all three, that is each ordered pair
 * of runtimes. Over Unix domain sockets a pair of each kind is enough: what they carry is the same.
 *
 * @module
 */

import process from "node:process";
import { runtime } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { EVERY_PAIR, testPairs } from "./matrix.ts";

for (const kind of ["deno", "bun", "node"] as const) {
  const peer = new Peer(kind);
  testPairs(peer, EVERY_PAIR);
  if (kind === runtime || process.platform === "win32") continue;
  testPairs(peer, ["REQ-REP", "XPUB-SUB", "PUSH-PULL"], { name: "ipc", endpoint: () => "ipc://*" });
}
