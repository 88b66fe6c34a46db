/**
 * When a connection reads: as long as its inbox has room and it is its turn. The link is paused while bytes of its last
 * chunk wait in the protocol, for either reason.
 *
 * @module
 */

import type { Link } from "../../transport/transport.ts";
import type { Protocol } from "./protocol.ts";
import type { Reader, ReadTurns } from "./read_turns.ts";

/** What a chunk costs of the credit for reading, besides 1 per KiB, as its bytes may be gathered, and what is in it. */
const CHUNK_COST = 16;

/** The connection. */
export interface ReadingHost {
  /** Whether the inbox takes more; if not, `resumeReading` is called when it does. */
  hasRoom(): boolean;
  /** Reads on. */
  resumeReading(): void;
}

/** The reading of one connection. */
export class Reading implements Reader {
  readonly #link: Link;
  readonly #protocol: Protocol;
  readonly #turns: ReadTurns;
  readonly #host: ReadingHost;
  /** Others read before it is our turn again. */
  #waiting = false;
  /** Whatever has arrived is read. */
  #draining = false;

  constructor(link: Link, protocol: Protocol, turns: ReadTurns, host: ReadingHost) {
    this.#link = link;
    this.#protocol = protocol;
    this.#turns = turns;
    this.#host = host;
  }

  /** The link is started. */
  start(): void {
    if (this.#link.poll !== undefined) this.#turns.join(this);
  }

  /** The link is gone. */
  end(): void {
    this.#turns.leave(this);
  }

  /** Takes a chunk that arrived. */
  take(chunk: Uint8Array): void {
    const { credit } = this.#turns;
    credit.left -= CHUNK_COST + (chunk.length >> 10);
    if (!this.#protocol.feed(chunk) || (credit.left <= 0 && !this.mayRead())) this.#link.pause();
  }

  /** The inbox has room: goes on, unless others have their turn first. */
  resume(): void {
    if (!this.#waiting && this.#protocol.resume()) this.#link.resume();
  }

  /** Reads all that has arrived, whatever the inbox holds and whose turn it is. */
  drain(): void {
    this.#draining = true;
    while (!this.#protocol.resume());
    this.#draining = false;
  }

  /** Whether the credit is renewed. Who is in line already may be called because the inbox has room. */
  mayRead(): boolean {
    if (this.#draining) return true;
    if (!this.#waiting) this.#waiting = !this.#turns.mayRead(this);
    return !this.#waiting;
  }

  readOn(): void {
    this.#waiting = false;
    if (this.#host.hasRoom()) this.#host.resumeReading();
  }

  poll(callback: () => void): boolean {
    const link = this.#link;
    if (link.poll === undefined) return false;
    link.poll(callback);
    return true;
  }
}
