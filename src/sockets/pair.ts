/**
 * The Pair class: PAIR sockets (RFC 31).
 *
 * @module
 */

import type { ReceiveOptions, SendOptions, SocketOptions, ZeroCopyOptions } from "../engine/options.ts";
import { settle } from "../engine/settings.ts";
import { PairPattern } from "../routing/pair.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";

/** Options of {@link Pair}. */
export interface PairOptions extends ReceiveOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

/**
 * Talks to exactly one peer, both ways; further peers are refused.
 *
 * @example
 * ```ts
 * import { Pair } from "@monocoque/zmq";
 *
 * await using a = new Pair();
 * await using b = new Pair();
 * b.connect(await a.bind("tcp://127.0.0.1:0"));
 * await b.send("ping");
 * await a.receive();
 * await a.send("pong");
 * await b.receive();
 * ```
 */
export class Pair extends DuplexSocket {
  /**
   * Makes a socket; it has no peers before `bind` or `connect`.
   *
   * @throws {TypeError} If an option has the wrong type, {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PairOptions = {}) {
    super("PAIR", new PairPattern(), settle("PAIR", options), options.context);
  }
}

/** The options of {@link Pair} as its properties. */
export interface Pair extends Live<PairOptions> {}

defineOptions(Pair.prototype, "PAIR");
