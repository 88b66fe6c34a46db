/**
 * PLAIN and CURVE against a second real peer: Debian's python3-zmq, an older libzmq.
 *
 * @module
 */

import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { OurEnd } from "../support/peers/our_end.ts";
import { pythonZmq } from "../support/peers/python.ts";
import { securedBy, testPairs } from "./matrix.ts";
import { admitting, AUTHENTICATE, CLIENT_OPTIONS, MECHANISMS, SERVER_OPTIONS } from "./secured.ts";
import { type Open, passEverySize } from "./secured_sizes.ts";

const { missing } = pythonZmq();

if (missing === undefined) {
  const python = admitting(new Peer("python"));
  for (const mechanism of MECHANISMS) testPairs(python, ["REQ-REP", "PUB-SUB", "PUSH-PULL"], securedBy(mechanism));
  const openOurs: Open = (type, asServer, options) => {
    const security = asServer ? { ...SERVER_OPTIONS.CURVE, ...AUTHENTICATE } : CLIENT_OPTIONS.CURVE;
    return Promise.resolve(new OurEnd(type, { ...security, ...options }));
  };
  const openTheirs: Open = (type, asServer, options) =>
    python.open(type, { ...(asServer ? SERVER_OPTIONS : CLIENT_OPTIONS).CURVE, ...options });
  for (const [whose, server, client] of [["ours", openOurs, openTheirs], ["python's", openTheirs, openOurs]] as const) {
    test(`frames of every size pass both ways, ${whose} is the server`, () => passEverySize(server, client), {
      timeout: 60_000,
    });
  }
} else test("secured, against python3-zmq", () => {}, { skip: missing });
