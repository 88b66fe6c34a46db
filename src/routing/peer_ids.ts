/**
 * Peers by routing id: for the socket types whose messages name their peer (ROUTER, STREAM).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { toKey } from "../base/message.ts";
import { MAX_IDENTITY } from "../zmtp/session.ts";
import type { Pipe } from "./pipe.ts";

/** Pipes with their routing ids. */
export class PeerIds {
  readonly #pipes = new Map<string, Pipe>();
  /** As they were when they were set: a user may get hold of the bytes of an id. */
  readonly #keys = new Map<Pipe, string>();
  #next = 0;

  /** Ids start at a random number, as in libzmq, so that an id of an earlier socket is not taken for one of this socket. */
  useClock(clock: Clock): void {
    this.#next = Math.floor(clock.random() * 0x1_0000_0000);
  }

  /** The peer with this id. */
  get(id: Uint8Array): Pipe | undefined {
    return id.length > MAX_IDENTITY ? undefined : this.#pipes.get(toKey(id));
  }

  /** Whether it is this peer that is known by its id. */
  has(pipe: Pipe): boolean {
    const key = this.#keys.get(pipe);
    return key !== undefined && this.#pipes.get(key) === pipe;
  }

  /** Knows a peer by this id from now on. */
  set(id: Uint8Array, pipe: Pipe): void {
    const key = toKey(id);
    pipe.routingId = id.slice();
    this.#pipes.set(key, pipe);
    this.#keys.set(pipe, key);
  }

  /** No longer knows a peer. */
  delete(pipe: Pipe): void {
    if (this.has(pipe)) this.#pipes.delete(this.#keys.get(pipe)!);
    this.#keys.delete(pipe);
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
