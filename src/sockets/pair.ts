/**
 * The Pair class: PAIR sockets (RFC 31).
 *
 * @module
 */

import { RECEIVE, type ReceiveOptions, ZERO_COPY, type ZeroCopyOptions } from "../engine/options/receive.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PairPattern } from "../routing/pair.ts";
import { DuplexSocket } from "./duplex.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Pair}. */
export interface PairOptions extends ReceiveOptions, SendOptions, SocketOptions, ZeroCopyOptions {}

const PAIR: SocketDefinition<PairOptions, PairPattern> = {
  name: "PAIR",
  title: "Pair",
  code: 0,
  partners: ["PAIR"],
  options: { ...SOCKET, ...SEND, ...RECEIVE, ...ZERO_COPY },
  pattern: () => new PairPattern(),
};

/**
 * Exchanges messages with exactly one peer; further peers are rejected (RFC 31).
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
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PairOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Pair()", 1, arguments[1]);
    super(PAIR, options);
  }
}

/** The options of a {@link Pair} as properties. */
export interface Pair extends Live<PairOptions> {}

defineOptions(Pair.prototype, PAIR);
