/**
 * Every compatible pair of socket types against libzmq, by PLAIN and by CURVE, with both as server and as client.
 *
 * @module
 */

import { Peer } from "../support/peers/controller.ts";
import { EVERY_PAIR, securedBy, testPairs } from "./matrix.ts";
import { admitting, MECHANISMS } from "./secured.ts";

const libzmq = admitting(new Peer("libzmq"));

for (const mechanism of MECHANISMS) {
  testPairs(libzmq, EVERY_PAIR, securedBy(mechanism));
  // The server need not be the socket that binds.
  testPairs(libzmq, ["REQ-REP", "XPUB-SUB", "PUSH-PULL"], securedBy(mechanism, "connector"));
}
