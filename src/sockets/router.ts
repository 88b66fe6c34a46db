/**
 * The Router class: ROUTER sockets (RFC 28).
 *
 * @module
 */

import type { Unrouted } from "../base/message.ts";
import type { RoutedMessage } from "../base/received.ts";
import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "../engine/options/routing_id.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PROBE, type ProbeOptions } from "../routing/probe.ts";
import { ROUTER_PEER, RouterPattern, type RouterPeerOptions } from "../routing/router.ts";
import type { EndpointOptions } from "../schemes/endpoint_options.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { connectAs, type PeerConnectOptions } from "./peer_connect.ts";
import { HAS_PEER, patternOf } from "./socket.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Router}. */
export interface RouterOptions
  extends
    ProbeOptions,
    ReceiveOptions,
    RouterPeerOptions,
    RoutingIdOptions,
    SendOptions,
    SocketOptions,
    ZeroCopyOptions {}

const ROUTER: SocketDefinition<RouterOptions, RouterPattern> = {
  name: "ROUTER",
  title: "Router",
  code: 6,
  partners: ["REQ", "DEALER", "ROUTER"],
  tellsRoutingId: true,
  options: {
    ...SOCKET,
    ...SEND,
    ...RECEIVE,
    ...ZERO_COPY,
    ...ROUTING_ID,
    ...PROBE,
    ...ROUTER_PEER,
  },
  pattern: (settings) => new RouterPattern(settings),
};

/**
 * Addresses peers by routing id, which is the first frame of every received and every sent message: an asynchronous
 * server (RFC 28).
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
 * await router.send([id, delimiter, "a client"]);
 * await request.receive();
 * ```
 */
export class Router extends DuplexSocket<RoutedMessage, Unrouted> {
  readonly #pattern = patternOf(this, ROUTER);

  static {
    Object.defineProperty(Router.prototype, HAS_PEER, {
      value(this: Router, routingId: Uint8Array): boolean {
        return this.#pattern.peers.get(routingId) !== undefined;
      },
    });
  }

  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RouterOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Router()", 1, arguments[1]);
    super(ROUTER, options);
  }

  /**
   * Connects to an endpoint in the background, and reconnects after each loss. The peer need not exist yet.
   *
   * @param endpoint For example `tcp://127.0.0.1:5555`, `ipc:///tmp/jobs.sock` or `inproc://jobs`.
   * @param options The routing id to assign to the peer, in place of its own (libzmq's `ZMQ_CONNECT_ROUTING_ID`), and
   * options that the scheme of the endpoint brings.
   * @throws {TypeError} If the endpoint or the routing id is malformed, or its scheme does not have an option.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed; `EADDRINUSE` if another peer has this routing id.
   */
  override connect(endpoint: string, options?: PeerConnectOptions & EndpointOptions<"connect">): void {
    if (arguments.length > 2) refuseSurplus("connect()", 2, arguments[2]);
    connectAs(this, this.#pattern.peers, endpoint, options);
  }
}

/** The options of a {@link Router} as properties. */
export interface Router extends Live<RouterOptions> {}

defineOptions(Router.prototype, ROUTER);
