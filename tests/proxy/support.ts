/**
 * Helpers of the proxy tests: a proxy that runs during a test, event loop turns, and numbered messages.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Message, Proxy, type ProxyOptions, type ProxySocket, toText } from "../../mod.ts";

export { ANY, numbers, rejectsWith, rejectsWithReason, take, texts, turn, until } from "../sockets/support.ts";

/** A proxy that runs until the end of the block, and then has ended well. */
export class RunningProxy extends Proxy implements AsyncDisposable {
  readonly #running: Promise<void>;
  readonly #failed: Promise<never>;

  constructor(front: ProxySocket, back: ProxySocket, options?: ProxyOptions) {
    super(front, back, options);
    this.#running = this.run();
    this.#failed = this.#running.then(() => {
      throw new Error("The proxy has ended");
    });
    this.#failed.catch(() => {});
  }

  /** The promise, unless the proxy ends before: then it rejects, with the proxy's error if there is one. */
  during<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#failed]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.terminate();
    await this.#running;
  }
}

/** Messages that wait in a socket to be received. */
export function held(socket: { statistics(): { readonly held: number } }): number {
  return socket.statistics().held;
}

/** Fails unless the next `count` messages are the numbers from `first` on. */
export async function takeNumbers(
  socket: { tryReceive(): Message | undefined; receive(): Promise<Message> },
  count: number,
  first = 0,
): Promise<void> {
  for (let expected = first; expected < first + count; expected++) {
    const message = socket.tryReceive() ?? await socket.receive();
    if (message.length !== 1 || toText(message[0]) !== `${expected}`) {
      assertEquals(message.map(toText), [`${expected}`]);
    }
  }
}

/** Sends the numbers from 0 on; waits where there is no room. */
export async function sendNumbers(
  socket: { trySend(message: string): boolean; send(message: string): Promise<void> },
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) if (!socket.trySend(`${i}`)) await socket.send(`${i}`);
}
