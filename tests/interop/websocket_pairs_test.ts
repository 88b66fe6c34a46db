/**
 * Every compatible pair of socket types against libzmq over WebSocket, without security, by PLAIN and by CURVE.
 *
 * @module
 */

import { Peer } from "../support/peers/controller.ts";
import { type Carrier, EVERY_PAIR, testPairs } from "./matrix.ts";
import { admitting, MECHANISMS } from "./secured.ts";

const WS: Carrier = { name: "ws", endpoint: () => "ws://127.0.0.1:0/path" };
const libzmq = new Peer("libzmq");
const admits = admitting(new Peer("libzmq"));

testPairs(libzmq, EVERY_PAIR, WS);
for (const mechanism of MECHANISMS) {
  const security = { mechanism, server: "binder" } as const;
  testPairs(admits, EVERY_PAIR, { ...WS, name: `ws by ${mechanism}`, security });
}
