/**
 * Errors of code that only observes: listeners of events, the `write` of a log, subscribers of a channel.
 *
 * @module
 */

import { microtask } from "./clock.ts";

/** Reports an error as uncaught: the program sees it, and whatever was observed continues. */
export function reportUncaught(error: unknown): void {
  microtask(() => {
    throw error;
  });
}
