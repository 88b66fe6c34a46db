/**
 * The Dealer class: DEALER sockets (RFC 28).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { ROUTING_ID, type RoutingIdOptions } from "../engine/options/routing_id.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { DealerPattern } from "../routing/dealer.ts";
import { PROBE, type ProbeOptions } from "../routing/probe.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Dealer}. */
export interface DealerOptions
  extends
    ConflateOptions,
    ProbeOptions,
    ReceiveOptions,
    RoutingIdOptions,
    SendOptions,
    SocketOptions,
    ZeroCopyOptions {}

const DEALER: SocketDefinition<DealerOptions, DealerPattern> = {
  name: "DEALER",
  title: "Dealer",
  code: 5,
  partners: ["REP", "DEALER", "ROUTER"],
  tellsRoutingId: true,
  connectsOnce: true,
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY, ...ROUTING_ID, ...CONFLATE, ...PROBE },
  pattern: (settings) => new DealerPattern(settings),
};

/** Returns the names of its options, without `context`. A function, so that bundles without a Dealer leave it out. */
export function dealerOptions(): string[] {
  return Object.keys(DEALER.options);
}

/**
 * Sends round-robin to its peers and receives fair-queued from all of them: an asynchronous client of `Router` and
 * `Reply` (RFC 28).
 *
 * @example
 * ```ts
 * import { Dealer, Router } from "@monocoque/zmq";
 *
 * await using router = new Router();
 * await using dealer = new Dealer({ routingId: "worker-1" });
 * dealer.connect(await router.bind("tcp://127.0.0.1:0"));
 * await dealer.send("ready");
 * const [id, text] = await router.receive();
 * await router.send([id, "thanks for", text]);
 * await dealer.receive();
 * ```
 */
export class Dealer extends DuplexSocket {
  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: DealerOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Dealer()", 1, arguments[1]);
    super(DEALER, options);
  }
}

/** The options of a {@link Dealer} as properties. */
export interface Dealer extends Live<DealerOptions> {}

defineOptions(Dealer.prototype, DEALER);
