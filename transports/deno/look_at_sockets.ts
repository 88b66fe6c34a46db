/**
 * Makes Deno check its sockets. An event loop of Deno (2.9.5) that is never idle checks them only in every 61st turn (tokio's
 * `event_interval`), but always before it waits for another thread.
 *
 * Empty turns take about 1 µs each, so 61 of them cost less than the other thread, which on a busy machine gets no core at once. But
 * in a flood each turn reads for some ms: then the other thread is faster.
 *
 * @module
 */

import { systemClock } from "../../src/base/clock.ts";

/** Turns between two checks. */
const CHECKED_EVERY = 61;
/** Time for these turns, in ms. */
const MOST_MS = 1;

const SOME_BYTES = new Uint8Array(64 * 1024);

/** Calls back after Deno has checked its sockets. */
export function lookAtSockets(callback: () => void): void {
  const end = systemClock.now() + MOST_MS;
  let left = CHECKED_EVERY;
  const onTurn = (): void => {
    if (--left === 0) callback();
    else if (systemClock.now() < end) systemClock.turn(onTurn);
    else crypto.subtle.digest("SHA-512", SOME_BYTES).then(callback, callback);
  };
  systemClock.turn(onTurn);
}
