/**
 * Every compatible pair of socket types against libzmq, over Unix domain sockets.
 *
 * @module
 */

import process from "node:process";
import { Peer } from "../support/peers/controller.ts";
import { EVERY_PAIR, testPairs } from "./matrix.ts";

// Windows has libzmq without ipc.
if (process.platform !== "win32") {
  testPairs(new Peer("libzmq"), EVERY_PAIR, { name: "ipc", endpoint: () => "ipc://*" });
}
