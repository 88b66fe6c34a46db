/**
 * The API of zeromq.js 5 over the drop-in for zeromq.js 6: callbacks and events of Node's `EventEmitter`.
 *
 * @example
 * ```ts
 * import * as zmq from "@monocoque/zmq/zeromq/v5-compat";
 *
 * const pull = zmq.socket("pull");
 * const received = new Promise((resolve) => pull.on("message", resolve));
 * pull.bind("tcp://127.0.0.1:*", () => {
 *   const push = zmq.socket("push");
 *   push.connect(pull.last_endpoint);
 *   push.send("some work", 0, () => push.close());
 * });
 * console.log(String(await received)); // some work
 * pull.close();
 * ```
 *
 * @module
 */

import { context } from "./context.ts";
import { curveKeyPair } from "./curve.ts";
import { version as version6 } from "./mod.ts";
import { Socket, type SocketType } from "./v5_socket.ts";

export * from "./v5_constants.ts";
export { options, type ShortOption } from "./v5_options.ts";
export { type Callback, type EventSocket, Socket, type SocketType } from "./v5_socket.ts";

/** Options of the context of all sockets. It cannot be created. */
export class Context {
  /** Has no effect: there are no I/O threads. */
  static setMaxThreads(value: number): void {
    context.ioThreads = value;
  }

  /** The number that was set. */
  static getMaxThreads(): number {
    return context.ioThreads;
  }

  /** Sets the maximum number of open sockets. */
  static setMaxSockets(value: number): void {
    context.maxSockets = value;
  }

  /** The maximum number of open sockets. */
  static getMaxSockets(): number {
    return context.maxSockets;
  }

  /** @throws {Error} Always. */
  constructor() {
    throw new Error("Context cannot be instantiated in compatibility mode");
  }
}

/**
 * Creates a socket with options, by their short names.
 *
 * @throws {Error} If there is no such type.
 */
// deno-lint-ignore no-explicit-any
export function createSocket(type: SocketType, options: { [key: string]: any } = {}): Socket {
  return Object.assign(new Socket(type), options);
}

export { createSocket as socket };

/** Generates a new key pair for CURVE. */
export function curveKeypair(): { public: string; secret: string } {
  const { publicKey, secretKey } = curveKeyPair();
  return { public: publicKey, secret: secretKey };
}

/** Types of two sockets between which a proxy forwards, and the number of frames that its capture does not get. */
const PROXIES: ReadonlyMap<string, number> = new Map([
  ["push/pull", 0],
  ["pull/push", 0],
  ["xpub/xsub", 0],
  ["router/dealer", 2],
  ["xrep/xreq", 2],
]);

/**
 * Forwards messages between two sockets, in both directions; `capture` gets those of the second one.
 *
 * @throws {Error} If there is no proxy between sockets of these types in this order.
 */
export function proxy(frontend: Socket, backend: Socket, capture?: Socket): void {
  const hidden = PROXIES.get(`${frontend.type}/${backend.type}`);
  if (hidden === undefined) throw new Error("This socket type order is not supported in compatibility mode");
  frontend.on("message", (...frames) => void backend.send(frames));
  backend.on("message", (...frames) => {
    frontend.send(frames);
    capture?.send(frames.slice(hidden));
  });
}

/** The version of libzmq whose behavior this entry has. */
export const version: string = version6;
