/**
 * A message that takes long to encode (CURVE, a large frame): the connection does it in slices, in the turns that reading
 * takes, too, and writes nothing else meanwhile.
 *
 * | Event           | IDLE  | READY   | WAITING |
 * | --------------- | ----- | ------- | ------- |
 * | start           | READY | x       | x       |
 * | goOn, done      | x     | IDLE    |         |
 * | goOn, no credit | x     | WAITING | -       |
 * | goOn, throws    | x     | IDLE    |         |
 * | turn            |       |         | READY   |
 * | stop            | -     | IDLE    | IDLE    |
 *
 * `-` changes nothing; an empty cell cannot happen: in WAITING nothing is encoded, and only there is a turn. `x` would break the contract of the
 * writer, which asks for `message` first. A `turn` calls back, so that the connection calls `goOn` again.
 * `tests/engine/connection/slow_encoding_states_test.ts` walks the table.
 *
 * @module
 */

import type { Message } from "../../base/message.ts";
import type { Link } from "../../transport/transport.ts";
import type { SlicedMessage } from "../../zmtp/sliced_message.ts";
import { SLICE_COST } from "../../zmtp/slices.ts";
import type { Reader, ReadTurns } from "./read_turns.ts";

/** Encodes the messages of one connection, one after another. */
export class SlowEncoding implements Reader {
  readonly #turns: ReadTurns;
  readonly #link: Link;
  readonly #goOn: () => void;
  #work: SlicedMessage | undefined;
  /** True while other connections have their turns. */
  #waiting = false;

  /** `goOn` is called when it is our turn again. */
  constructor(turns: ReadTurns, link: Link, goOn: () => void) {
    this.#turns = turns;
    this.#link = link;
    this.#goOn = goOn;
  }

  /** The message that is being encoded. */
  get message(): Message | undefined {
    return this.#work?.message;
  }

  /** Starts to encode a message. */
  start(work: SlicedMessage): void {
    this.#work = work;
  }

  /** Continues to encode, as far as this turn allows; `true` when the message is complete. An exception ends the work. */
  goOn(): boolean {
    if (this.#waiting) return false;
    const work = this.#work!;
    this.#work = undefined;
    const { credit } = this.#turns;
    while (!work.next()) {
      credit.left -= SLICE_COST;
      if (credit.left > 0 || this.#turns.mayRead(this)) continue;
      this.#waiting = true;
      this.#work = work;
      return false;
    }
    return true;
  }

  /** Abandons the message. */
  stop(): void {
    this.#work = undefined;
    this.#waiting = false;
    this.#turns.leave(this);
  }

  readOn(): void {
    this.#waiting = false;
    this.#goOn();
  }

  poll(callback: () => void): boolean {
    if (this.#link.poll === undefined) return false;
    this.#link.poll(callback);
    return true;
  }
}
