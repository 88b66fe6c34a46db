/**
 * The commonest pairs of socket types against a second real peer: Debian's python3-zmq, an older libzmq.
 *
 * @module
 */

import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { testPairs } from "./matrix.ts";

const { missing } = pythonZmq();

if (missing === undefined) testPairs(new Peer("python"), ["REQ-REP", "PUB-SUB", "PUSH-PULL"]);
else test("against python3-zmq", () => {}, { skip: missing });
