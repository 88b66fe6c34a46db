/**
 * Peers by routing id, for socket types whose messages are addressed to a peer (ROUTER, STREAM).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import { toKey } from "../base/message.ts";
import { MAX_IDENTITY } from "../zmtp/identity.ts";
import type { Pipe } from "./pipe.ts";

/** Map between pipes and their routing ids. */
export class PeerIds {
  readonly #pipes = new Map<string, Pipe>();
  /** Keys as they were when set: the user may hold, and change, the bytes of an id. */
  readonly #keys = new Map<Pipe, string>();
  #next = 0;

  /**
   * Starts generated ids at a random number, as libzmq does, so that an id of an earlier socket does not name a peer of
   * this one.
   */
  useClock(clock: Clock): void {
    this.#next = Math.floor(clock.random() * 0x1_0000_0000);
  }

  /** Returns the peer with this id. */
  get(id: Uint8Array): Pipe | undefined {
    return id.length > MAX_IDENTITY ? undefined : this.#pipes.get(toKey(id));
  }

  /** True if this pipe is the one registered under its id. */
  has(pipe: Pipe): boolean {
    const key = this.#keys.get(pipe);
    return key !== undefined && this.#pipes.get(key) === pipe;
  }

  /** Registers a pipe under an id. */
  set(id: Uint8Array, pipe: Pipe): void {
    const key = toKey(id);
    pipe.routingId = id.slice();
    this.#pipes.set(key, pipe);
    this.#keys.set(pipe, key);
  }

  /** Removes a pipe. */
  delete(pipe: Pipe): void {
    if (this.has(pipe)) this.#pipes.delete(this.#keys.get(pipe)!);
    this.#keys.delete(pipe);
  }

  /** Generates a free id of five bytes. It starts with a zero byte, which no peer may use in its own id. */
  make(): Uint8Array {
    const id = new Uint8Array(5);
    do {
      this.#next = (this.#next + 1) >>> 0;
      new DataView(id.buffer).setUint32(1, this.#next);
    } while (this.#pipes.has(toKey(id)));
    return id;
  }
}
