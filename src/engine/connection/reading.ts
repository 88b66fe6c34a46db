/**
 * When a connection reads: while its inbox has room and it is its turn. The link is paused while bytes of its last chunk wait in
 * the protocol, for either reason.
 *
 * | Event         | FLOWING | FULL    | WAITING  | DRAINING |
 * | ------------- | ------- | ------- | -------- | -------- |
 * | inbox is full | FULL    |         |          |          |
 * | turn is over  | WAITING |         |          |          |
 * | resume        | FLOWING | FLOWING | -        | -        |
 * | turn, room    |         |         | FLOWING  | FLOWING  |
 * | turn, no room |         |         | FULL     | FLOWING  |
 * | drain         | FLOWING | FLOWING | DRAINING | -        |
 *
 * `-` changes nothing; an empty cell cannot happen: a paused link delivers nothing, and a reader that is not in line has no turn. Each step that leads to FLOWING ends in FULL, WAITING or DRAINING instead if
 * there is more to read than there is room or time for: `drain` needs no room, as messages that arrived before an ending can still be
 * received, but it waits for its turn like all reading. A connection that ends calls `end`, in any state. `tests/engine/connection/reading_states_test.ts`
 * walks the table.
 *
 * @module
 */

import type { Link } from "../../transport/transport.ts";
import type { Protocol } from "./protocol.ts";
import type { Reader, ReadTurns } from "./read_turns.ts";

/** The cost of a chunk in credit, in addition to 1 per KiB, because its bytes may be gathered, and to its contents. */
const CHUNK_COST = 16;

/** The connection. */
export interface ReadingHost {
  /** True if the inbox takes more; if not, `resumeReading` is called when it does. */
  hasRoom(): boolean;
  /** Continues reading. */
  resumeReading(): void;
}

/** The reading of one connection. */
export class Reading implements Reader {
  readonly #link: Link;
  readonly #protocol: Protocol;
  readonly #turns: ReadTurns;
  readonly #host: ReadingHost;
  /** Set while bytes that have arrived are read although the inbox is full. */
  draining = false;
  /** True while other connections have their turns. */
  #waiting = false;
  /** True inside `resume`. */
  #resuming = false;

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

  /** The link has ended. */
  end(): void {
    this.#turns.leave(this);
  }

  /** Takes a chunk that arrived. */
  take(chunk: Uint8Array): void {
    const { credit } = this.#turns;
    credit.left -= CHUNK_COST + (chunk.length >> 10);
    if (!this.#protocol.feed(chunk) || (credit.left <= 0 && !this.mayRead())) this.#link.pause();
  }

  /** The inbox has room: continues, unless others have their turn first. */
  resume(): void {
    // A receive of the message that is being read may have made the room.
    if (this.#waiting || this.#resuming) return;
    this.#resuming = true;
    let done: boolean;
    // When draining, the protocol stops at each message for which the inbox has no room.
    do done = this.#protocol.resume(); while (!done && this.draining && !this.#waiting);
    this.#resuming = false;
    if (!done) return;
    this.draining = false;
    this.#link.resume();
  }

  /**
   * Reads everything that has arrived, even if the inbox is full: now as much as this turn allows, the rest in later
   * ones.
   */
  drain(): void {
    this.draining = true;
    this.resume();
  }

  /** True if the credit is renewed. A reader that waits for its turn may be asked again because the inbox has room. */
  mayRead(): boolean {
    if (!this.#waiting) this.#waiting = !this.#turns.mayRead(this);
    return !this.#waiting;
  }

  readOn(): void {
    this.#waiting = false;
    if (this.draining || this.#host.hasRoom()) this.#host.resumeReading();
  }

  poll(callback: () => void): boolean {
    const link = this.#link;
    if (link.poll === undefined) return false;
    link.poll(callback);
    return true;
  }
}
