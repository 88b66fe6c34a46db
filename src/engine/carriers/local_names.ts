/**
 * The endpoints of a context that are bound by sockets of this process, and the sockets that wait for one.
 *
 * @module
 */

import { ZmqError } from "../../base/errors.ts";
import { endpointText } from "../../base/peer_text.ts";
import type { Listener } from "../../transport/transport.ts";
import type { LocalSocket } from "../connection/local_connection.ts";

/** A socket that looks for an endpoint. Exactly one of the two is called. */
export interface LocalCaller {
  /** The endpoint is bound. */
  found(binder: LocalSocket): void;
  /** The signal was aborted before, with this reason. */
  gone(reason: Error): void;
}

/** The socket that is bound to each endpoint, and the sockets that wait until one is. */
export class LocalNames {
  readonly #binders = new Map<string, LocalSocket>();
  /** In the order of their calls. */
  readonly #callers = new Map<string, Set<LocalCaller["found"]>>();

  /**
   * Binds an endpoint. `answer` notifies the waiting sockets.
   *
   * @throws {ZmqError} `EADDRINUSE` if it is bound.
   */
  bind(endpoint: string, binder: LocalSocket): Listener {
    if (this.#binders.has(endpoint)) {
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot listen on ${endpointText(endpoint)}: the name is in use in this context`,
      );
    }
    let open = true;
    this.#binders.set(endpoint, binder);
    return {
      endpoint,
      close: () => {
        if (open) this.#binders.delete(endpoint);
        open = false;
        return Promise.resolve();
      },
    };
  }

  /** The socket that is bound to an endpoint now. */
  get(endpoint: string): LocalSocket | undefined {
    return this.#binders.get(endpoint);
  }

  /** Answers the sockets that wait for an endpoint: it is bound. One of them may free it again: the rest keep waiting. */
  answer(endpoint: string): void {
    // Not those that are added in the meantime: they find the endpoint bound.
    for (const answer of [...this.#callers.get(endpoint) ?? []]) {
      const binder = this.#binders.get(endpoint);
      if (binder === undefined) return;
      // An earlier one may have closed this one.
      if (this.#callers.get(endpoint)?.has(answer)) answer(binder);
    }
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
      callers.delete(answer);
      if (callers.size === 0 && this.#callers.get(endpoint) === callers) this.#callers.delete(endpoint);
    };
    const answer = (binder: LocalSocket) => {
      leave();
      caller.found(binder);
    };
    const give = () => {
      leave();
      caller.gone(signal.reason);
    };
    callers.add(answer);
    signal.addEventListener("abort", give);
  }
}
