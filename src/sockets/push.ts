/**
 * The Push class: PUSH sockets (RFC 30).
 *
 * @module
 */

import { CONFLATE, type ConflateOptions } from "../engine/options/conflate.ts";
import { SEND, type SendOptions } from "../engine/options/send.ts";
import { SOCKET, type SocketOptions } from "../engine/options/socket.ts";
import type { SocketDefinition } from "../engine/socket_definition.ts";
import { PushPattern } from "../routing/push.ts";
import { SendingSocket } from "./sending.ts";
import { defineOptions, type Live } from "./live_options.ts";
import { refuseSurplus } from "../base/surplus.ts";

/** Options of {@link Push}. */
export interface PushOptions extends ConflateOptions, SendOptions, SocketOptions {}

const PUSH: SocketDefinition<PushOptions, PushPattern> = {
  name: "PUSH",
  title: "Push",
  code: 8,
  partners: ["PULL"],
  options: { ...SOCKET, ...SEND, ...CONFLATE },
  pattern: () => new PushPattern(),
};

/**
 * Sends each message to one of the connected `Pull` sockets, round-robin (RFC 30). Waits while every queue is full, and
 * while a socket that is only bound has no peer; `connect` creates a queue at once, also before the peer is connected.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@monocoque/zmq";
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * push.connect(await pull.bind("tcp://127.0.0.1:0"));
 * await push.send(["job", "42"]);
 * console.log((await pull.receive()).length); // 2
 * ```
 */
export class Push extends SendingSocket {
  /**
   * Creates a socket. It has no peers until `bind` or `connect` is called.
   *
   * @throws {TypeError} If an option has the wrong type; {@linkcode RangeError} if it is out of range.
   */
  constructor(options: PushOptions = {}) {
    if (arguments.length > 1) refuseSurplus("new Push()", 1, arguments[1]);
    super(PUSH, options);
  }
}

/** The options of a {@link Push} as properties. */
export interface Push extends Live<PushOptions> {}

defineOptions(Push.prototype, PUSH);
