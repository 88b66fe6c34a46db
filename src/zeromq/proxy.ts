/**
 * The proxy of zeromq.js, which closes its sockets at its end.
 *
 * @module
 */

import { Proxy as NativeProxy, type ProxySocket } from "../../mod.ts";
import { requireCount } from "./arguments.ts";
import { closedError, converted, errnoError } from "./errors.ts";
import { nativeOf } from "./observer.ts";
import { type Socket, stateOf } from "./socket.ts";

/** @throws {TypeError} If it is not an object; otherwise an error if it is not a socket. */
function requireSocket(socket: unknown, what: string): void {
  if (typeof socket !== "object" || socket === null) throw new TypeError(`${what} must be a socket object`);
  if (nativeOf(socket) === undefined) throw new Error("Invalid argument");
}

/**
 * Forwards messages between two sockets, in both directions where their types permit it.
 *
 * @example
 * ```ts
 * import { Dealer, Proxy, Router } from "@monocoque/zmq/zeromq";
 *
 * const proxy = new Proxy(new Router(), new Dealer());
 * await proxy.frontEnd.bind("tcp://127.0.0.1:*");
 * await proxy.backEnd.bind("tcp://127.0.0.1:*");
 * setTimeout(() => proxy.terminate(), 50);
 * await proxy.run();
 * ```
 */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  /** The first socket. */
  readonly frontEnd: F;
  /** The second socket. */
  readonly backEnd: B;
  #running: NativeProxy | undefined;

  /**
   * Creates a proxy; `run()` starts it.
   *
   * @throws {TypeError} If an argument is not an object.
   */
  constructor(frontEnd: F, backEnd: B) {
    requireSocket(frontEnd, "Front-end");
    requireSocket(backEnd, "Back-end");
    requireCount(arguments.length, 2);
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
  }

  /**
   * Forwards messages until the proxy is terminated; then it closes both sockets. Meanwhile other calls of the sockets
   * fail with `EBUSY`.
   *
   * @throws {ErrnoError} `EINVAL` if one of the sockets is neither bound nor connected.
   */
  run(): Promise<void> {
    requireCount(arguments.length, 0);
    const [front, back] = [stateOf(this.frontEnd), stateOf(this.backEnd)];
    if (front.endpoints === 0) throw errnoError("EINVAL", "Front-end socket must be bound or connected");
    if (back.endpoints === 0) throw errnoError("EINVAL", "Back-end socket must be bound or connected");
    let proxy: NativeProxy;
    try {
      proxy = new NativeProxy(front.native as ProxySocket, back.native as ProxySocket);
    } catch (error) {
      throw converted(error);
    }
    front.requireOpen();
    back.requireOpen();
    const release = [front.block(), back.block()];
    this.#running = proxy;
    return proxy.run().catch((error: unknown) => {
      throw converted(error);
    }).finally(() => {
      this.#running = undefined;
      for (const free of release) free();
    });
  }

  /**
   * Stops forwarding.
   *
   * @throws {ErrnoError} `EBADF` if the proxy does not run.
   */
  pause(): void {
    requireCount(arguments.length, 0);
    this.#proxy().pause();
  }

  /**
   * Continues after `pause()`.
   *
   * @throws {ErrnoError} `EBADF` if the proxy does not run.
   */
  resume(): void {
    requireCount(arguments.length, 0);
    this.#proxy().resume();
  }

  /**
   * Ends the proxy.
   *
   * @throws {ErrnoError} `EBADF` if the proxy does not run.
   */
  terminate(): void {
    requireCount(arguments.length, 0);
    this.#proxy().terminate();
  }

  #proxy(): NativeProxy {
    if (this.#running === undefined) throw closedError();
    return this.#running;
  }
}
