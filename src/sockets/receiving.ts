/**
 * Receiving: the methods of sockets that receive, and the base class of the socket types that only receive.
 *
 * @module
 */

import type { WaitOptions } from "../engine/waits/wait_list.ts";
import type { Message } from "../base/received.ts";
import { refuseSurplus, surplusError } from "../base/surplus.ts";
import { coreOf, Socket } from "./socket.ts";

/** The advice about a method that never waits: methods that do. */
const NEVER_WAITS = "; it never waits: receive() and receiveMany() do";

/** A socket that receives, also with `for await`. */
export abstract class ReceivingSocket<Received extends Message = Message> extends Socket
  implements AsyncIterable<Received> {
  /**
   * Receives the next message, or waits for one. Pending receives are served in order. Frames are views of a larger
   * buffer: call `slice()` on a frame before you transfer its buffer.
   *
   * @throws {ZmqError} `EAGAIN` if no message arrived within `receiveTimeout`, `ENOTSOCK` if the socket is closed.
   */
  receive(options?: WaitOptions): Promise<Received>;
  receive(options?: WaitOptions, other?: unknown): Promise<Received> {
    if (other !== undefined) return Promise.reject(surplusError("receive()", 1, other));
    return coreOf(this).receiving.receive(options) as Promise<Received>;
  }

  /**
   * Receives a message if one is available, without waiting.
   *
   * @returns The message, or `undefined`.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  tryReceive(): Received | undefined;
  tryReceive(other?: unknown): Received | undefined {
    if (other !== undefined) throw surplusError("tryReceive()", 0, other, NEVER_WAITS);
    return coreOf(this).receiving.tryReceive() as Received | undefined;
  }

  /**
   * Receives all available messages, and waits if there are none. Costs one promise per batch instead of one per
   * message.
   *
   * @param max Maximum number of messages to receive. Default 1000.
   * @throws {ZmqError} `EAGAIN` if no message arrived within `receiveTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {RangeError} If `max` is not an integer of at least 1.
   */
  receiveMany(max?: number, options?: WaitOptions): Promise<Received[]>;
  receiveMany(max?: number, options?: WaitOptions, other?: unknown): Promise<Received[]> {
    if (other !== undefined) return Promise.reject(surplusError("receiveMany()", 2, other));
    return coreOf(this).receiving.receiveMany(max, options) as Promise<Received[]>;
  }

  /**
   * Receives all available messages, without waiting.
   *
   * @param max Maximum number of messages to receive. Default 1000.
   * @returns The messages; empty if none is available.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {RangeError} If `max` is not an integer of at least 1.
   */
  tryReceiveMany(max?: number): Received[];
  tryReceiveMany(max?: number, other?: unknown): Received[] {
    if (other !== undefined) throw surplusError("tryReceiveMany()", 1, other, NEVER_WAITS);
    return coreOf(this).receiving.tryReceiveMany(max) as Received[];
  }

  /**
   * Iterates over the messages in batches, as returned by `receiveMany`, until the socket is closed. Leaving the loop
   * does not close the socket. The loop throws `EAGAIN` if no message arrives within `receiveTimeout`.
   *
   * @param max Maximum number of messages per batch. Default 1000.
   * @throws {RangeError} If `max` is not an integer of at least 1.
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
   *   for (const [number] of batch) sum += number.length;
   *   left -= batch.length;
   *   if (left === 0) break;
   * }
   * console.log(sum); // 18890
   * ```
   */
  batches(max?: number): AsyncIterable<Received[]> {
    if (arguments.length > 1) refuseSurplus("batches()", 1, arguments[1]);
    return coreOf(this).receiving.batches(max) as AsyncIterable<Received[]>;
  }

  /** `true` if `tryReceive` would return a message now. */
  get readable(): boolean {
    return coreOf(this).receiving.readable;
  }

  /**
   * Waits until a message is available. Another receive may take it first: `tryReceive` then returns `undefined`.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  whenReadable(options?: WaitOptions): Promise<void>;
  whenReadable(options?: WaitOptions, other?: unknown): Promise<void> {
    if (other !== undefined) return Promise.reject(surplusError("whenReadable()", 1, other));
    return coreOf(this).receiving.whenReadable(options);
  }

  /**
   * Iterates over the messages until the socket is closed. Leaving the loop does not close the socket. The loop throws
   * `EAGAIN` if no message arrives within `receiveTimeout`.
   */
  [Symbol.asyncIterator](): AsyncIterator<Received, undefined> {
    return coreOf(this).receiving.iterate() as AsyncIterator<Received, undefined>;
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
