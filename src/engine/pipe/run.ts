/**
 * Consecutive messages of a broadcast as one entry of a queue: their bytes are already contiguous.
 *
 * @module
 */

import type { Broadcast } from "../../zmtp/broadcast.ts";

/**
 * Encoded messages in one piece of memory. It has one end: a run that was sent in part would go back whole. It never does,
 * as publishers queue nothing for a disconnected peer.
 */
export class Run {
  messages = 1;
  /** Bytes of their bodies. */
  bytes: number;
  readonly #slab: Uint8Array;
  readonly #start: number;
  #end: number;

  /** A run of one message, which is encoded. */
  constructor(first: Broadcast) {
    this.#slab = first.slab;
    this.#start = first.start;
    this.#end = first.end;
    this.bytes = first.bytes;
  }

  /** Adds the next message if it follows directly in memory. */
  extend({ slab, start, end, bytes }: Broadcast): boolean {
    if (slab !== this.#slab || start !== this.#end) return false;
    this.#end = end;
    this.bytes += bytes;
    this.messages++;
    return true;
  }

  /** The bytes of all frames. */
  get encoded(): Uint8Array {
    return this.#slab.subarray(this.#start, this.#end);
  }
}
