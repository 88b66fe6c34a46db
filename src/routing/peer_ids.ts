/**
 * Peers by routing id: for the socket types whose messages name their peer (ROUTER, STREAM).
 *
 * @module
 */

import { toKey } from "../message.ts";
import { MAX_IDENTITY } from "../zmtp/session.ts";
import type { Pipe } from "./pipe.ts";

/** Pipes with their routing ids. */
export class PeerIds {
  readonly #pipes = new Map<string, Pipe>();
  #next = Math.floor(Math.random() * 0x1_0000_0000);

  /** The peer with this id. */
  get(id: Uint8Array): Pipe | undefined {
    return id.length > MAX_IDENTITY ? undefined : this.#pipes.get(toKey(id));
  }

  /** Whether it is this peer that is known by its id. */
  has(pipe: Pipe): boolean {
    return this.#pipes.get(toKey(pipe.routingId)) === pipe;
  }

  /** Knows a peer by this id from now on. */
  set(id: Uint8Array, pipe: Pipe): void {
    pipe.routingId = id;
    this.#pipes.set(toKey(id), pipe);
  }

  /** No longer knows a peer. */
  delete(pipe: Pipe): void {
    if (this.has(pipe)) this.#pipes.delete(toKey(pipe.routingId));
  }

  /** An id that is free: a zero byte and four more, which no peer may choose. */
  make(): Uint8Array {
    const id = new Uint8Array(5);
    do {
      this.#next = (this.#next + 1) >>> 0;
      new DataView(id.buffer).setUint32(1, this.#next);
    } while (this.#pipes.has(toKey(id)));
    return id;
  }
}
