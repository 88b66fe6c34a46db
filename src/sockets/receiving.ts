/**
 * Sockets that receive and do not send.
 *
 * @module
 */

import type { WaitOptions } from "../engine/wait_list.ts";
import type { Message } from "../message.ts";
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

  /** Iterates over the messages until the socket is closed. Leaving the loop does not close the socket. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return coreOf(this).receiving.iterate();
  }
}
