/**
 * The Reply class: REP sockets (RFC 28).
 *
 * @module
 */

import type {
  ReceiveOptions,
  RoutingIdOptions,
  SendOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { ReplyPattern } from "../routing/reply.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";

/** Options of {@link Reply}. */
export interface ReplyOptions extends ReceiveOptions, RoutingIdOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

/**
 * Serves requests one at a time: receives one, then sends its reply. Anything else fails with `EFSM`.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@monocoque/zmq";
 *
 * const reply = new Reply();
 * const endpoint = await reply.bind("tcp://127.0.0.1:0");
 * const serving = (async () => {
 *   for await (const [name] of reply) await reply.send(["hello", name!]);
 * })();
 *
 * await using request = new Request();
 * request.connect(endpoint);
 * await request.send("Ada");
 * await request.receive();
 * await reply.close();
 * await serving;
 * ```
 */
export class Reply extends DuplexSocket {
  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: ReplyOptions = {}) {
    super("REP", new ReplyPattern(), settle("REP", options), options.context);
  }
}

/** The options of {@link Reply} as its properties. */
export interface Reply extends Live<ReplyOptions> {}

defineOptions(Reply.prototype, "REP");
