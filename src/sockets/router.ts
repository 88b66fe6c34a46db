/**
 * The Router class: ROUTER sockets (RFC 28).
 *
 * @module
 */

import {
  flag,
  type ReceiveOptions,
  type RoutingIdOptions,
  type SendOptions,
  type SocketOptions,
} from "../engine/options.ts";
import { RouterPattern } from "../routing/router.ts";
import { DuplexSocket } from "./duplex.ts";

/** Options of {@link Router}. */
export interface RouterOptions extends ReceiveOptions, RoutingIdOptions, SendOptions, SocketOptions {
  /**
   * Whether sending to a peer that is not connected fails with `EHOSTUNREACH`, and to one that is full waits (sends to
   * other peers go on). Otherwise such messages are dropped. Default `false`.
   */
  readonly mandatory?: boolean;
}

/**
 * Knows each peer by its routing id: the first frame of what is received, and of what is sent.
 *
 * @example
 * ```ts
 * import { Request, Router } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * await using request = new Request();
 * request.connect(await router.bind("tcp://127.0.0.1:0"));
 * await request.send("who am I?");
 * const [id, delimiter] = await router.receive();
 * await router.send([id!, delimiter!, "a client"]);
 * await request.receive();
 * ```
 */
export class Router extends DuplexSocket {
  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RouterOptions = {}) {
    super(
      "ROUTER",
      new RouterPattern({ mandatory: flag("mandatory", options.mandatory ?? false) }),
      options,
    );
  }
}
