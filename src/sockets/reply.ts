/**
 * The Reply class: REP sockets (RFC 28).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "../engine/options/routing_id.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { ReplyPattern } from "../routing/reply.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Reply}. */
export interface ReplyOptions extends ReceiveOptions, RoutingIdOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

const REP: SocketDefinition<ReplyOptions, ReplyPattern> = {
  name: "REP",
  title: "Reply",
  code: 4,
  partners: ["REQ", "DEALER"],
  repliesOnly: true,
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY, ...ROUTING_ID },
  pattern: () => new ReplyPattern(),
};

/**
 * Serves requests one at a time: receives a request, then sends the reply, strictly alternating (RFC 28). Other calls
 * fail with `EFSM`.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@monocoque/zmq";
 *
 * const reply = new Reply();
 * const endpoint = await reply.bind("tcp://127.0.0.1:0");
 * const serving = (async () => {
 *   for await (const [name] of reply) await reply.send(["hello", name]);
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
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: ReplyOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Reply()", 1, arguments[1]);
    super(REP, options);
  }
}

/** The options of a {@link Reply} as properties. */
export interface Reply extends Live<ReplyOptions> {}

defineOptions(Reply.prototype, REP);
