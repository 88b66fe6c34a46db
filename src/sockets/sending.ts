/**
 * Sending: the methods of sockets that send, and the base class of the socket types that only send.
 *
 * @module
 */

import type { MessageLike, Sendable } from "../base/message.ts";
import { ONE_ARRAY, surplusError } from "../base/surplus.ts";
import { typeName } from "../base/type_name.ts";
import type { WaitOptions } from "../engine/waits/wait_list.ts";
import { coreOf, Socket } from "./socket.ts";

/** A socket that sends and does not receive. */
export abstract class SendingSocket extends Socket {
  /**
   * Sends a message: queues it immediately if there is room, otherwise waits for room. Pending sends are served in
   * order. Do not change the bytes of the message afterwards.
   *
   * @throws {ZmqError} `EAGAIN` if there was no room within `sendTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `message` is not a message.
   */
  send<const M extends MessageLike>(message: M & Sendable<M>, options?: WaitOptions): Promise<void>;
  send(message: MessageLike, options?: WaitOptions, other?: unknown): Promise<void> {
    if (other !== undefined) return Promise.reject(surplusError("send()", 2, other, ONE_ARRAY));
    return coreOf(this).sending.send(message, options);
  }

  /**
   * Queues a message if there is room, without waiting.
   *
   * @returns `true` if it was queued.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `message` is not a message, or there is a second argument.
   */
  trySend<const M extends MessageLike>(message: M & Sendable<M>): boolean;
  trySend(message: MessageLike, other?: unknown): boolean {
    if (other !== undefined) refuseArgument("trySend()", other);
    return coreOf(this).sending.trySend(message);
  }

  /**
   * Sends several messages in order, with one promise for all of them. Each message is taken from `messages` after the
   * previous one was queued, so a generator can count the queued messages. If one cannot be sent, no further messages
   * are taken.
   *
   * @throws {ZmqError} `EAGAIN` if there was no room for a message within `sendTimeout`, `ENOTSOCK` if the socket is
   * closed.
   * @throws {TypeError} If one of them is not a message.
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
  sendMany(messages: Iterable<MessageLike>, options?: WaitOptions, other?: unknown): Promise<void> {
    if (other !== undefined) return Promise.reject(surplusError("sendMany()", 2, other));
    return coreOf(this).sending.sendMany(messages, options);
  }

  /**
   * Queues a message like `trySend`, but does not start a write. The message is written by `flush`, with the next
   * message that is sent by another method, when 60 KiB are queued for its peer, or with anything else that is written
   * to the peer. Use it when the program knows when a batch is complete; other sends of the same event loop turn are
   * written together anyway.
   *
   * @returns `true` if it was queued.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `message` is not a message, or there is a second argument.
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
  sendBuffered<const M extends MessageLike>(message: M & Sendable<M>): boolean;
  sendBuffered(message: MessageLike, other?: unknown): boolean {
    if (other !== undefined) refuseArgument("sendBuffered()", other);
    return coreOf(this).sendBuffered(message);
  }

  /** Writes queued messages immediately, as far as peers accept them, instead of at the end of the event loop turn. */
  flush(): void;
  flush(other?: unknown): void {
    if (other !== undefined) throw surplusError("flush()", 0, other);
    coreOf(this).pipes.flush();
  }

  /** Number of bytes of all messages that are queued and not yet passed to a connection. */
  get bufferedBytes(): number {
    return coreOf(this).pipes.bufferedBytes;
  }

  /** `true` if `trySend` would queue a message now. */
  get writable(): boolean {
    return coreOf(this).sending.writable;
  }

  /**
   * Waits until there is room for a message. Another send may take it first: `trySend` returns `false` then.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  whenWritable(options?: WaitOptions): Promise<void>;
  whenWritable(options?: WaitOptions, other?: unknown): Promise<void> {
    if (other !== undefined) return Promise.reject(surplusError("whenWritable()", 1, other));
    return coreOf(this).sending.whenWritable(options);
  }
}

/** @throws {TypeError} A second argument, which would be ignored: a frame that is lost, or an option. */
export function refuseArgument(call: string, other: unknown): never {
  const text = `${call} takes one message and no options, not a second argument of type ${typeName(other)}`;
  throw new TypeError(text + ONE_ARRAY);
}

/** The methods of every socket that sends, a {@link SendingSocket} or a {@link DuplexSocket}. */
export interface Writable extends
  Pick<
    SendingSocket,
    "send" | "trySend" | "sendMany" | "sendBuffered" | "flush" | "bufferedBytes" | "writable" | "whenWritable"
  > {}
