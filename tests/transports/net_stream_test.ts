/**
 * Links out of the Web streams of real sockets: the compliance suite over tcp.
 *
 * @module
 */

import { runtime } from "../support/harness.ts";
import { transportCompliance } from "./compliance.ts";

/** The transport of the runtime; each of the two files is for runtimes that the other does not work on. */
async function load() {
  if (runtime === "deno") return (await import("./conn_stream_transport.ts")).connStreamTransport;
  return (await import("./net_stream_transport.ts")).netStreamTransport;
}

transportCompliance(`tcp as Web streams on ${runtime}`, load, "tcp://127.0.0.1:0", { knows: "most" });
