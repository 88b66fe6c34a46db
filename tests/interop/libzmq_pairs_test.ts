/**
 * Every compatible pair of socket types against libzmq.
 *
 * @module
 */

import { Peer } from "../support/peers/controller.ts";
import { EVERY_PAIR, testPairs } from "./matrix.ts";

testPairs(new Peer("libzmq"), EVERY_PAIR);
