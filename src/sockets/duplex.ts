/**
 * Sockets that send and receive. A class has one base class, so the methods of `sending.ts` are repeated here;
 * `tests/tooling/twins_test.ts` checks that their comments are the same.
 *
 * @module
 */

import type { MessageLike, Sendable } from "../base/message.ts";
import type { Message } from "../base/received.ts";
import { ONE_ARRAY, surplusError } from "../base/surplus.ts";
import type { WaitOptions } from "../engine/waits/wait_list.ts";
import { ReceivingSocket } from "./receiving.ts";
import { refuseArgument, type Writable } from "./sending.ts";
import { coreOf } from "./socket.ts";

/** A socket that sends and receives, also with `for await`. */
export abstract class DuplexSocket<Received extends Message = Message, TooFew = readonly []>
  extends ReceivingSocket<Received>
  implements Writable {
  /**
   * Sends a message: queues it immediately if there is room, otherwise waits for room. Pending sends are served in
   * order. Do not change the bytes of the message afterwards.
   *
   * @throws {ZmqError} `EAGAIN` if there was no room within `sendTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If `message` is not a message.
   */
  send<const M extends MessageLike>(message: M & Sendable<M, TooFew>, options?: WaitOptions): Promise<void>;
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
  trySend<const M extends MessageLike>(message: M & Sendable<M, TooFew>): boolean;
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
   */
  sendBuffered<const M extends MessageLike>(message: M & Sendable<M, TooFew>): boolean;
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
