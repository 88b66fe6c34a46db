/**
 * A program that binds and closes a socket, for `debug_variable_test.ts`: with `ZMQ_DEBUG`, it logs that to stderr.
 *
 * @module
 */

import { Pull } from "../../mod.ts";

const pull = new Pull();
await pull.bind("inproc://child");
await pull.close();
console.log("done");
