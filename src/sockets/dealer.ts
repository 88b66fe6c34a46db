/**
 * The Dealer class: DEALER sockets (RFC 28).
 *
 * @module
 */

import type {
  ConflateOptions,
  ProbeOptions,
  ReceiveOptions,
  RoutingIdOptions,
  SendOptions,
  SocketOptions,
  ZeroCopyOptions,
} from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { DealerPattern } from "../routing/dealer.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";

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

/**
 * Sends to one peer after another, receives from all: an asynchronous client of `Router` and `Reply`.
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
 * await router.send([id!, "thanks for", text!]);
 * await dealer.receive();
 * ```
 */
export class Dealer extends DuplexSocket {
  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: DealerOptions = {}) {
    const settings = settle("DEALER", options);
    super("DEALER", new DealerPattern(settings), settings, options.context);
  }
}

/** The options of {@link Dealer} as its properties. */
export interface Dealer extends Live<DealerOptions> {}

defineOptions(Dealer.prototype, "DEALER");
