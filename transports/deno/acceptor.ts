/**
 * Accepting connections, which on Deno is a loop of promises.
 *
 * | Event      | ACCEPTING | YIELDING  | RETRYING  | CLOSED |
 * | ---------- | --------- | --------- | --------- | ------ |
 * | link       | -         |           |           | -      |
 * | slice over | YIELDING  |           |           | -      |
 * | peer gone  | -         |           |           | -      |
 * | failure    | RETRYING  |           |           | -      |
 * | turns      |           | ACCEPTING |           | -      |
 * | timer      |           |           | ACCEPTING |        |
 * | close      | CLOSED    | CLOSED    | CLOSED    | -      |
 *
 * `slice over`: a link after which other sockets have their turn; `turns`: they had it. A link that is accepted in CLOSED is aborted. `-` changes
 * nothing; an empty cell cannot happen, as nothing is accepted then, or no timer runs. `tests/transports/acceptor_states_test.ts` walks the table.
 *
 * @module
 */

import { systemClock, type Timer } from "../../src/base/clock.ts";
import type { LinkCore } from "../../src/transport/link.ts";
import type { Link, Listener } from "../../src/transport/transport.ts";
import { tcpError } from "../shared/tcp.ts";
import type { DenoListener } from "./api.ts";
import { lookAtSockets } from "./look_at_sockets.ts";

/** Time (ms) until the next attempt to accept after one that failed. */
const ACCEPT_RETRY = 100;
/** Connections that are accepted before other sockets and timers have their turn. */
const ACCEPT_SLICE = 16;
/** Codes of `accept` for a peer that disconnected before it was accepted; the next connection may be waiting already. */
const PEER_GONE: ReadonlySet<unknown> = new Set(["ENOTCONN", "ECONNRESET", "ECONNABORTED"]);

/** A listener that accepts until it is closed. */
export class Acceptor implements Listener {
  /** See {@link Listener.endpoint}. */
  readonly endpoint: string;
  readonly #listener: DenoListener;
  readonly #accepting: Promise<void>;
  #open = true;
  #refed = true;
  #retry: Timer | undefined;
  #stopWaiting: (() => void) | undefined;

  /**
   * Starts accepting.
   *
   * @param accept Waits for the next link.
   */
  constructor(
    endpoint: string,
    accept: () => Promise<LinkCore>,
    listener: DenoListener,
    onLink: (link: Link) => void,
    onError?: (error: Error) => void,
  ) {
    this.endpoint = endpoint;
    this.#listener = listener;
    this.#accepting = this.#accept(accept, onLink, onError);
  }

  /** See {@link Listener.close}. */
  close(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      this.#listener.close();
      this.#retry?.cancel();
      this.#stopWaiting?.();
    }
    return this.#accepting;
  }

  /** See {@link Listener.unref}. */
  unref(): void {
    this.#refed = false;
    this.#retry?.unref();
    if (this.#open) this.#listener.unref();
  }

  /** See {@link Listener.ref}. */
  ref(): void {
    this.#refed = true;
    this.#retry?.ref();
    if (this.#open) this.#listener.ref();
  }

  async #accept(
    accept: () => Promise<LinkCore>,
    onLink: (link: Link) => void,
    onError?: (error: Error) => void,
  ): Promise<void> {
    for (let accepted = 1; this.#open; accepted++) {
      // A waiting connection is accepted in a microtask: without this 128 of them would go before timers and sockets.
      if (accepted % ACCEPT_SLICE === 0) {
        await new Promise<void>((resolve) => systemClock.turn(() => lookAtSockets(resolve)));
        if (!this.#open) return;
      }
      try {
        const link = await accept();
        if (this.#open) onLink(link);
        else link.abort();
      } catch (cause) {
        if (!this.#open) return;
        if (PEER_GONE.has((cause as { code?: unknown }).code)) continue;
        onError?.(tcpError(`Cannot accept on ${this.endpoint}`, cause));
        // Without file descriptors, for example, `accept` fails again immediately.
        await new Promise<void>((resolve) => {
          this.#stopWaiting = resolve;
          this.#retry = systemClock.timer(ACCEPT_RETRY, resolve);
          if (!this.#refed) this.#retry.unref();
        });
      }
    }
  }
}
