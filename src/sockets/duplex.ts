/**
 * Sockets that send and receive.
 *
 * @module
 */

import type { WaitOptions } from "../engine/wait_list.ts";
import type { MessageLike } from "../message.ts";
import { ReceivingSocket } from "./receiving.ts";
import { coreOf } from "./socket.ts";

/** A socket that sends and receives; receiving also with `for await`. */
export abstract class DuplexSocket extends ReceivingSocket {
  /**
   * Sends a message: at once if it can be queued, else as soon as it can. Sends that wait take their turns in order.
   * The bytes handed in belong to the library from now on: do not change them.
   *
   * @throws {ZmqError} `EAGAIN` if it could not be queued within `sendTimeout`, `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If it is not a message.
   */
  send(message: MessageLike, options?: WaitOptions): Promise<void> {
    return coreOf(this).sending.send(message, options);
  }

  /**
   * Sends a message if it can be queued now.
   *
   * @returns Whether it was queued.
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   * @throws {TypeError} If it is not a message.
   */
  trySend(message: MessageLike): boolean {
    return coreOf(this).sending.trySend(message);
  }

  /** Whether `trySend` would take a message now. */
  get writable(): boolean {
    return coreOf(this).sending.writable;
  }

  /**
   * Waits until a message could be sent at once. Others may send before you do: `trySend` tells.
   *
   * @throws {ZmqError} `ENOTSOCK` if the socket is closed.
   */
  whenWritable(options?: WaitOptions): Promise<void> {
    return coreOf(this).sending.whenWritable(options);
  }
}
