/**
 * The API of zeromq.js 6 over this library: change one import, and a program of zeromq.js runs on Deno, Bun and Node,
 * without a native addon. `docs/migration.md` lists what differs.
 *
 * @example
 * ```ts
 * import * as zmq from "@monocoque/zmq/zeromq";
 *
 * const pull = new zmq.Pull();
 * await pull.bind("tcp://127.0.0.1:*");
 * const push = new zmq.Push();
 * push.connect(pull.lastEndpoint!);
 * await push.send("some work");
 * const [message] = await pull.receive();
 * console.log(message!.toString()); // some work
 * ```
 *
 * @module
 */

import { capability as native } from "../../mod.ts";

/** The version of libzmq whose behavior this entry has. */
export const version: string = "4.3.5";

/** Transports and mechanisms, `true` if they are available. */
export const capability: Partial<
  { ipc: boolean; pgm: boolean; tipc: boolean; norm: boolean; curve: boolean; gssapi: boolean; draft: boolean }
> = { ipc: native.ipc === true, pgm: false, tipc: false, norm: false, curve: true, gssapi: false, draft: false };

export { Context, context } from "./context.ts";
export { curveKeyPair } from "./curve.ts";
export type { AuthError, ErrnoError, ProtoError } from "./errors.ts";
export type { Event, EventAddress, EventError, EventFor, EventInterval, EventOfType, EventType } from "./events.ts";
export type { Message, MessageLike } from "./messages.ts";
export { type EventSubscriber, Observer } from "./observer.ts";
export { Proxy } from "./proxy.ts";
export { Socket, type SocketOptions } from "./socket.ts";
export type { CommonOptions, Readable, ReceiveType, SocketType, Writable } from "./socket_options.ts";
export {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type RouterConnectOptions,
  Stream,
  type StreamConnectOptions,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "./socket_types.ts";
export type { Expand, IfEquals, NotMethod, Options, ReadableKeys, WritableKeys } from "./type_tools.ts";
