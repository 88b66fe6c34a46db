/**
 * The Pull class: PULL sockets (RFC 30).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PullPattern } from "../routing/pull.ts";
import { ReceivingSocket } from "./receiving.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Pull}. */
export interface PullOptions extends ConflateOptions, ReceiveOptions, SocketOptions, ZeroCopyOptions {}

const PULL: SocketDefinition<PullOptions, PullPattern> = {
  name: "PULL",
  title: "Pull",
  code: 7,
  partners: ["PUSH"],
  options: { ...SOCKET, ...RECEIVE, ...ZERO_COPY, ...CONFLATE },
  pattern: () => new PullPattern(),
};

/**
 * Receives messages from any number of `Push` sockets, fair-queued (RFC 30).
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@monocoque/zmq";
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * for (const job of ["a", "b", "c"]) await push.send(job);
 * let jobs = 0;
 * for await (const [job] of pull) {
 *   console.log(job);
 *   if (++jobs === 3) break;
 * }
 * ```
 */
export class Pull extends ReceivingSocket {
  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PullOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Pull()", 1, arguments[1]);
    super(PULL, options);
  }
}

/** The options of a {@link Pull} as properties. */
export interface Pull extends Live<PullOptions> {}

defineOptions(Pull.prototype, PULL);
