/**
 * The Request class: REQ sockets (RFC 28).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "../engine/options/routing_id.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PROBE, type ProbeOptions } from "../routing/probe.ts";
import { REQUEST_STATE, RequestPattern, type RequestStateOptions } from "../routing/request.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Request}. */
export interface RequestOptions
  extends
    ProbeOptions,
    ReceiveOptions,
    RequestStateOptions,
    RoutingIdOptions,
    SendOptions,
    SocketOptions,
    ZeroCopyOptions {}

const REQ: SocketDefinition<RequestOptions, RequestPattern> = {
  name: "REQ",
  title: "Request",
  code: 3,
  partners: ["REP", "ROUTER"],
  tellsRoutingId: true,
  connectsOnce: true,
  options: {
    ...SOCKET,
    ...SEND,
    ...RECEIVE,
    ...ZERO_COPY,
    ...ROUTING_ID,
    ...PROBE,
    ...REQUEST_STATE,
  },
  pattern: (settings) => new RequestPattern(settings),
};

/**
 * Sends requests round-robin to its peers: sends a request, then receives the reply, strictly alternating (RFC 28).
 * Other calls fail with `EFSM`.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@monocoque/zmq";
 *
 * await using reply = new Reply();
 * await using request = new Request();
 * request.connect(await reply.bind("tcp://127.0.0.1:0"));
 * await request.send("2 + 2?");
 * await reply.receive();
 * await reply.send("4");
 * console.log(await request.receive());
 * ```
 */
export class Request extends DuplexSocket {
  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RequestOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Request()", 1, arguments[1]);
    super(REQ, options);
  }
}

/** The options of a {@link Request} as properties. */
export interface Request extends Live<RequestOptions> {}

defineOptions(Request.prototype, REQ);
