/**
 * Option to serve subscribers on several threads.
 *
 * @module
 */

import { wholeNumber } from "../../base/checks.ts";
import { option, type OptionGroup } from "../../base/option.ts";
import { typeName } from "../../base/type_name.ts";
import type { ContextPort } from "../../transport/thread_port.ts";

/** A thread that a program started: a `Worker` of `node:worker_threads`, or a Web Worker. */
export interface PublisherThread {
  /** Ends it. */
  terminate(): unknown;
}

/**
 * The threads that serve the subscribers of a publisher.
 *
 * @example
 * ```ts ignore
 * import { Worker } from "node:worker_threads";
 * import { Publisher } from "@monocoque/zmq";
 *
 * const file = new URL("publisher_worker.ts", import.meta.url); // calls servePublisher(workerData)
 * await using publisher = new Publisher({
 *   threads: { count: 4, start: (port) => new Worker(file, { workerData: port, transferList: [port] }) },
 * });
 * await publisher.bind("tcp://*:5556");
 * ```
 */
export interface PublisherThreads {
  /** The number of threads, from 1 to 64. */
  readonly count: number;
  /**
   * Starts a thread and transfers the port to it; the thread passes it to {@linkcode servePublisher} within 30 s, or `bind` rejects
   * with `EIO`. Called once per thread, and again for a thread that has ended. The socket terminates the threads when it is closed.
   */
  readonly start: (port: ContextPort) => PublisherThread;
}

/** Options of socket types that can serve their subscribers on several threads. */
export interface ThreadOptions {
  /**
   * Worker threads that accept and serve the subscribers of bound `tcp://` endpoints: a message is encoded and written once
   * per thread by the thread that calls `send`, and matched, encrypted and written to each subscriber by the others. All threads
   * listen on the same port (`SO_REUSEPORT`), which needs `capability.reusePort`: otherwise `bind` rejects with `ENOTSUP`. Endpoints
   * that are connected, and other schemes are not affected. `manual`, `manualLastValue` and `sendTo` are `ENOTSUP`. The number of threads is fixed when the first one is started.
   * Default null: the thread of the socket serves all subscribers.
   */
  readonly threads?: PublisherThreads | null | undefined;
}

const threadCount = wholeNumber(1, 64);

/** Definition of {@link ThreadOptions}. */
export const THREADS: OptionGroup<ThreadOptions> = {
  threads: option(threadsOrNull, null, "next bind"),
};

function threadsOrNull(name: string, value: unknown): PublisherThreads | null {
  if (value === null) return null;
  if (typeof value !== "object") {
    throw new TypeError(`${name} must be an object, such as { count: 4, start }, or null, not ${typeName(value)}`);
  }
  const { count, start } = value as Partial<PublisherThreads>;
  if (typeof start !== "function") throw new TypeError(`${name}.start must be a function, not ${typeof start}`);
  return Object.freeze({ count: threadCount(`${name}.count`, count), start });
}
