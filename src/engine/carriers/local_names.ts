/**
 * The endpoints of a context that are bound by sockets of this thread, and the sockets that wait for one. A context that several
 * threads share asks the others as well.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import { refusePort, type ThreadPort } from "../../transport/thread_port.ts";
import type { Listener } from "../../transport/transport.ts";
import type { LocalSocket } from "../connection/local_connection.ts";
import type { OtherThreads } from "./other_threads.ts";

/** A socket that looks for an endpoint. Exactly one of the three is called. */
export interface LocalCaller {
  /** The endpoint is bound. */
  found(binder: LocalSocket): void;
  /** The endpoint is bound in another thread, and this port leads to its socket. */
  linked?(port: ThreadPort): void;
  /** The signal was aborted before, with this reason. */
  gone(reason: Error): void;
}

/** A caller that waits: each function also removes it. */
interface Waiting {
  found(binder: LocalSocket): void;
  linked(port: ThreadPort): void;
}

/** The error for a name that has an owner. */
export function nameInUse(endpoint: string): ZmqError {
  return new ZmqError(
    "EADDRINUSE",
    `Cannot listen on ${endpointText(endpoint)}: the name is in use in this context`,
  );
}

/** The socket that is bound to each endpoint, and the sockets that wait until one is. */
export class LocalNames {
  /** The other threads that share the context, if there are any. */
  threads: OtherThreads | undefined;
  readonly #binders = new Map<string, LocalSocket>();
  /** In the order of their calls. */
  readonly #callers = new Map<string, Set<Waiting>>();

  /**
   * Binds an endpoint. `answer` notifies the waiting sockets.
   *
   * @throws {ZmqError} `EADDRINUSE` if it is bound.
   */
  bind(endpoint: string, binder: LocalSocket): Listener {
    if (this.#binders.has(endpoint)) throw nameInUse(endpoint);
    let open = true;
    this.#binders.set(endpoint, binder);
    return {
      endpoint,
      close: () => {
        if (!open) return Promise.resolve();
        open = false;
        this.#binders.delete(endpoint);
        return this.threads?.unbind(endpoint) ?? Promise.resolve();
      },
    };
  }

  /** The same, unless it is bound in another thread: at once, or when the other threads have answered. */
  claim(endpoint: string, binder: LocalSocket): Listener | Promise<Listener> {
    if (this.threads === undefined || this.#binders.has(endpoint)) return this.bind(endpoint, binder);
    let listener: Listener | undefined;
    const granted = () => void (listener = this.bind(endpoint, binder));
    const asked = this.threads.bind(endpoint, granted);
    return asked === undefined ? listener! : asked.then(() => listener!);
  }

  /** The socket that is bound to an endpoint now. */
  get(endpoint: string): LocalSocket | undefined {
    return this.#binders.get(endpoint);
  }

  /** Answers the sockets that wait for an endpoint: it is bound. One of them may free it again: the rest keep waiting. */
  answer(endpoint: string): void {
    // Not those that are added in the meantime: they find the endpoint bound.
    for (const caller of [...this.#callers.get(endpoint) ?? []]) {
      const binder = this.#binders.get(endpoint);
      if (binder === undefined) return;
      // An earlier one may have closed this one.
      if (this.#callers.get(endpoint)?.has(caller)) caller.found(binder);
    }
    if (this.#binders.has(endpoint)) this.threads?.bound(endpoint);
  }

  /** The number of sockets that wait for an endpoint. */
  waiting(endpoint: string): number {
    return this.#callers.get(endpoint)?.size ?? 0;
  }

  /** Connects the socket that has waited longest for an endpoint to one of another thread. */
  linked(endpoint: string, port: ThreadPort): void {
    const [first] = this.#callers.get(endpoint) ?? [];
    if (first === undefined) refusePort(port);
    else first.linked(port);
  }

  /** A socket of another thread connects to an endpoint. */
  incoming(endpoint: string, port: ThreadPort): void {
    const binder = this.#binders.get(endpoint);
    // It was unbound meanwhile, or takes no more: the caller tries again.
    if (binder?.over === undefined || binder.owner.crowded?.() !== undefined) return refusePort(port);
    if (!binder.accept(binder.over(port, endpoint))) refusePort(port);
  }

  /** Gives `caller` the socket that is bound to an endpoint: before it returns, or as soon as one is. */
  call(endpoint: string, caller: LocalCaller, signal: AbortSignal): void {
    if (signal.aborted) return caller.gone(signal.reason);
    const bound = this.#binders.get(endpoint);
    if (bound !== undefined) return caller.found(bound);
    const callers = this.#callers.get(endpoint) ?? new Set();
    this.#callers.set(endpoint, callers);
    const leave = () => {
      signal.removeEventListener("abort", give);
      callers.delete(waiting);
      if (callers.size === 0 && this.#callers.get(endpoint) === callers) this.#callers.delete(endpoint);
    };
    const waiting: Waiting = {
      found: (binder) => {
        leave();
        this.threads?.unwant?.(endpoint);
        caller.found(binder);
      },
      linked: (port) => {
        leave();
        if (caller.linked === undefined) refusePort(port);
        else caller.linked(port);
      },
    };
    const give = () => {
      leave();
      this.threads?.unwant?.(endpoint);
      caller.gone(signal.reason);
    };
    callers.add(waiting);
    signal.addEventListener("abort", give);
    this.threads?.want(endpoint);
  }
}
