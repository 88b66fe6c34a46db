/**
 * What sockets that send have in common, whether they also receive or not.
 *
 * @module
 */

import type { WaitOptions } from "../engine/waits/wait_list.ts";
import type { MessageLike } from "../base/message.ts";
import { coreOf, Socket } from "./socket.ts";

/** What a socket that sends can do. */
export interface Sending {
  /**
   * Sends a message: at once if it can be queued, else as soon as it can. Sends that wait take their turns in order.
   * The bytes handed in belong to the library from now on: do not change them.
   *
   * @throws {ZmqError} `EAGAIN` if it could not be queued within `sendTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If it is not a message.
   */
  send(message: MessageLike, options?: WaitOptions): Promise<void>;

  /**
   * Sends a message if it can be queued now.
   *
   * @returns Whether it was queued.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If it is not a message.
   */
  trySend(message: MessageLike): boolean;

  /**
   * Sends messages one after another, waiting where it must, for a promise in all instead of one each. Each is taken from
   * `messages` when the one before is queued, so that a generator knows how far it came; where a message cannot be sent the
   * rest is not taken.
   *
   * @throws {ZmqError} `EAGAIN` if one could not be queued within `sendTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If one is not a message.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * push.connect(await pull.bind("tcp://127.0.0.1:0"));
   * await push.sendMany(["a", "b", ["two", "frames"]]);
   * for (let left = 3; left > 0;) left -= (await pull.receiveMany()).length;
   * ```
   */
  sendMany(messages: Iterable<MessageLike>, options?: WaitOptions): Promise<void>;

  /**
   * Queues a message as `trySend` does, but asks for no write: it leaves at the latest with `flush`, with the next message
   * that is sent otherwise, or when 60 KiB are queued for its peer; earlier with whatever else is written to the peer. For those who know better than
   * the library when a batch is complete; without it, what is sent in one turn of the event loop leaves together.
   *
   * @returns Whether it was queued.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If it is not a message.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * push.connect(await pull.bind("tcp://127.0.0.1:0"));
   * await push.waitForPeers(1);
   * for (const part of ["one", "write", "for", "all"]) push.sendBuffered(part);
   * console.log(push.bufferedBytes); // 14
   * push.flush();
   * await pull.receive();
   * ```
   */
  sendBuffered(message: MessageLike): boolean;

  /** Writes what is queued, as far as peers take it, without waiting for the end of the turn. */
  flush(): void;

  /** Bytes of all messages that are queued and not yet handed to a connection. */
  readonly bufferedBytes: number;

  /** Whether `trySend` would take a message now. */
  readonly writable: boolean;

  /**
   * Waits until a message could be sent at once. Others may send before you do: `trySend` tells.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  whenWritable(options?: WaitOptions): Promise<void>;
}

const SENDING: Sending & ThisType<Socket> = {
  send(message, options) {
    return coreOf(this).sending.send(message, options);
  },
  trySend(message) {
    return coreOf(this).sending.trySend(message);
  },
  sendMany(messages, options) {
    return coreOf(this).sending.sendMany(messages, options);
  },
  sendBuffered(message) {
    return coreOf(this).sendBuffered(message);
  },
  flush() {
    coreOf(this).connections.flush();
  },
  get bufferedBytes() {
    return coreOf(this as unknown as Socket).connections.bufferedBytes;
  },
  get writable() {
    return coreOf(this as unknown as Socket).sending.writable;
  },
  whenWritable(options) {
    return coreOf(this).sending.whenWritable(options);
  },
};

/** Gives a socket class what {@link Sending} tells. */
export function defineSending(prototype: Socket): void {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(SENDING))) {
    Object.defineProperty(prototype, name, { ...property, enumerable: false });
  }
}

/** A socket that sends and does not receive. */
export abstract class SendingSocket extends Socket {}

/** What it can do. */
export interface SendingSocket extends Sending {}

defineSending(SendingSocket.prototype);
