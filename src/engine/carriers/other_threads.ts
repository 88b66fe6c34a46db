/**
 * The other threads of a context, as the names of one thread see them, and what the threads say to each other: every thread talks to
 * the one in which the context was created, which knows the owner of each name and connects those that look for it.
 *
 * @module
 */

import type { ThreadPort } from "../../transport/thread_port.ts";

/** The names in other threads. */
export interface OtherThreads {
  /**
   * Claims an endpoint for this thread. Calls `granted` as soon as it has it: before it returns `undefined`, or before the promise
   * resolves.
   *
   * @throws {ZmqError} `EADDRINUSE` if another thread has it; also as a rejection.
   */
  bind(endpoint: string, granted: () => void): Promise<void> | undefined;
  /** The socket at an endpoint of this thread takes connections. */
  bound(endpoint: string): void;
  /** Frees an endpoint of this thread; resolves when every thread can bind it. */
  unbind(endpoint: string): Promise<void>;
  /** One more socket of this thread looks for an endpoint. */
  want(endpoint: string): void;
  /** One socket fewer looks for it. Only of a thread whose waiting sockets are counted elsewhere. */
  unwant?(endpoint: string): void;
}

/** Messages of a thread to the one in which the context was created. */
export type ToHub =
  | { readonly type: "bind" | "unbind"; readonly endpoint: string; readonly id: number }
  | { readonly type: "bound" | "want" | "unwant"; readonly endpoint: string }
  | { readonly type: "join"; readonly port: ThreadPort };

/** Messages of that one to a thread: the answer to a request, or an end of a new connection. */
export type ToThread =
  | { readonly type: "answer"; readonly id: number; readonly granted: boolean }
  | { readonly type: "linked" | "incoming"; readonly endpoint: string; readonly port: ThreadPort };
