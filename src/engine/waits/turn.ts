/**
 * When a loop of awaits that never has to wait makes way for the rest of the program.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { readTurnsOf } from "../connection/read_turns.ts";

/**
 * So many sends or receives of one socket may be done at once before one of them waits for the next turn. A loop of awaits that
 * never has to wait would keep the event loop from timers and from all other sockets for ever.
 */
export const AT_ONCE = 4096;

/** Resolves with `value` in the next turn, before which sockets had theirs. */
export function nextTurn<T>(clock: Clock, value: T): Promise<T> {
  return new Promise((resolve) => readTurnsOf(clock).later(() => resolve(value)));
}
