/**
 * When a loop of awaits that never has to wait makes way for the rest of the program.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { readTurnsOf } from "../connection/read_turns.ts";

/**
 * The number of sends or receives of one socket that complete at once before one of them waits for the next turn. A loop of awaits
 * that never has to wait would starve timers and all other sockets.
 */
export const AT_ONCE = 4096;

/** Resolves with `value` in the next turn, before which sockets had theirs. */
export function nextTurn<T>(clock: Clock, value: T): Promise<T> {
  return new Promise((resolve) => readTurnsOf(clock).later(() => resolve(value)));
}
