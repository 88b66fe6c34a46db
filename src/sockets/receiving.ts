/**
 * Sockets that receive: the methods for it, and the base class of the socket types that only receive.
 *
 * @module
 */

import type { WaitOptions } from "../engine/waits/wait_list.ts";
import type { Message } from "../base/message.ts";
import { coreOf, Socket } from "./socket.ts";

/** A socket that receives; also with `for await`. */
export abstract class ReceivingSocket extends Socket implements AsyncIterable<Message> {
  /**
   * Receives the next message, or waits for one. Receives that wait take their turns in order. Frames are views of a larger
   * buffer: `slice()` one before its buffer is transferred.
   *
   * @throws {ZmqError} `EAGAIN` if none came within `receiveTimeout`, `ENOTSOCK` if the socket is closed.
   */
  receive(options?: WaitOptions): Promise<Message> {
    return coreOf(this).receiving.receive(options);
  }

  /**
   * Receives a message if there is one now.
   *
   * @returns The message, or `undefined`.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  tryReceive(): Message | undefined {
    return coreOf(this).receiving.tryReceive();
  }

  /**
   * Receives at least one message, waiting for it if there is none, and whatever else is there: a promise a batch instead
   * of one a message.
   *
   * @param max Most messages to receive. Default 1000.
   * @throws {ZmqError} `EAGAIN` if none came within `receiveTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {RangeError} If `max` is not a whole number of at least 1.
   */
  receiveMany(max?: number, options?: WaitOptions): Promise<Message[]> {
    return coreOf(this).receiving.receiveMany(max, options);
  }

  /**
   * Receives the messages that are there now.
   *
   * @param max Most messages to receive. Default 1000.
   * @returns The messages; none if there are none.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {RangeError} If `max` is not a whole number of at least 1.
   */
  tryReceiveMany(max?: number): Message[] {
    return coreOf(this).receiving.tryReceiveMany(max);
  }

  /**
   * Iterates over the messages in batches, as `receiveMany` gives them, until the socket is closed. Leaving the loop does
   * not close the socket. A loop to which nothing comes within `receiveTimeout` throws `EAGAIN`.
   *
   * @param max Most messages in a batch. Default 1000.
   * @throws {RangeError} If `max` is not a whole number of at least 1.
   *
   * @example
   * ```ts
   * import { Pull, Push } from "@monocoque/zmq";
   *
   * await using pull = new Pull();
   * await using push = new Push();
   * push.connect(await pull.bind("tcp://127.0.0.1:0"));
   * await push.sendMany(Array.from({ length: 5000 }, (_, i) => i));
   * let sum = 0;
   * let left = 5000;
   * for await (const batch of pull.batches()) {
   *   for (const [number] of batch) sum += number!.length;
   *   left -= batch.length;
   *   if (left === 0) break;
   * }
   * console.log(sum); // 18890
   * ```
   */
  batches(max?: number): AsyncIterable<Message[]> {
    return coreOf(this).receiving.batches(max);
  }

  /** Whether `tryReceive` would return a message now. */
  get readable(): boolean {
    return coreOf(this).receiving.readable;
  }

  /**
   * Waits until there is a message to receive. Others may take it before you do: `tryReceive` tells.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  whenReadable(options?: WaitOptions): Promise<void> {
    return coreOf(this).receiving.whenReadable(options);
  }

  /**
   * Iterates over the messages until the socket is closed. Leaving the loop does not close the socket. A loop to which nothing
   * comes within `receiveTimeout` throws `EAGAIN`.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return coreOf(this).receiving.iterate();
  }
}

/** The methods of every socket that receives, a {@link ReceivingSocket} or a {@link DuplexSocket}. */
export interface Readable extends
  Pick<
    ReceivingSocket,
    | "receive"
    | "tryReceive"
    | "receiveMany"
    | "tryReceiveMany"
    | "batches"
    | "readable"
    | "whenReadable"
    | typeof Symbol.asyncIterator
  > {}
