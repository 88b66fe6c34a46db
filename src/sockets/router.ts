/**
 * The Router class: ROUTER sockets (RFC 28).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "../engine/options/routing_id.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PROBE, type ProbeOptions } from "../routing/probe.ts";
import { ROUTER_PEER, RouterPattern, type RouterPeerOptions } from "../routing/router.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { connectAs, type PeerConnectOptions } from "./peer_connect.ts";
import { patternOf } from "./socket.ts";

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
  readonly #pattern = patternOf(this, ROUTER);

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RouterOptions = {}) {
    super(ROUTER, options);
  }

  /**
   * Connects to an endpoint in the background, now and again after every loss. The peer need not exist yet.
   *
   * @param endpoint Such as `tcp://127.0.0.1:5555`, `ipc:///tmp/jobs.sock` or `inproc://jobs`.
   * @param options The routing id to know the peer by, whatever it says itself (libzmq's `ZMQ_CONNECT_ROUTING_ID`).
   * @throws {TypeError} If the endpoint is not well formed, or the routing id is none.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed; `EADDRINUSE` if another peer has this routing id.
   */
  override connect(endpoint: string, options?: PeerConnectOptions): void {
    connectAs(this, this.#pattern.peers, endpoint, options);
  }
}

/** The options of {@link Router} as its properties. */
export interface Router extends Live<RouterOptions> {}

defineOptions(Router.prototype, ROUTER);
