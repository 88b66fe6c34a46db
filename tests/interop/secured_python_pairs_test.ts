/**
 * PLAIN and CURVE against a second real peer: Debian's python3-zmq, an older libzmq.
 *
 * @module
 */

import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { securedBy, testPairs } from "./matrix.ts";
import { admitting, MECHANISMS } from "./secured.ts";

const { missing } = pythonZmq();

if (missing === undefined) {
  const python = admitting(new Peer("python"));
  for (const mechanism of MECHANISMS) testPairs(python, ["REQ-REP", "PUB-SUB", "PUSH-PULL"], securedBy(mechanism));
} else test("secured, against python3-zmq", () => {}, { skip: missing });
