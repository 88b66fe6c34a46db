/**
 * The Request class: REQ sockets (RFC 28).
 *
 * @module
 */

import type {
  ProbeOptions,
  ReceiveOptions,
  RequestStateOptions,
  RoutingIdOptions,
  SendOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { RequestPattern } from "../routing/request.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";

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

/**
 * Asks one peer after another: a request, then its reply, in turns. Anything else fails with `EFSM`.
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
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RequestOptions = {}) {
    const settings = settle("REQ", options);
    super("REQ", new RequestPattern(settings), settings, options.context);
  }
}

/** The options of {@link Request} as its properties. */
export interface Request extends Live<RequestOptions> {}

defineOptions(Request.prototype, "REQ");
