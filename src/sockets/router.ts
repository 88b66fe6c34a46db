/**
 * The Router class: ROUTER sockets (RFC 28).
 *
 * @module
 */

import { routingId as checkRoutingId } from "../engine/option_checks.ts";
import type {
  ProbeOptions,
  ReceiveOptions,
  RouterPeerOptions,
  RoutingIdOptions,
  SendOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { RouterPattern } from "../routing/router.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { connectAs, type PeerConnectOptions } from "./peer_connect.ts";

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
  readonly #pattern: RouterPattern;

  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: RouterOptions = {}) {
    const settings = settle("ROUTER", options);
    const pattern = new RouterPattern(settings);
    super("ROUTER", pattern, settings, options.context);
    this.#pattern = pattern;
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
    connectAs(this, this.#pattern.peers, checkRoutingId, endpoint, options);
  }
}

/** The options of {@link Router} as its properties. */
export interface Router extends Live<RouterOptions> {}

defineOptions(Router.prototype, "ROUTER");
