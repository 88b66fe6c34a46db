/**
 * The clock of a socket, for what is built on sockets.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import { nextTurn } from "../engine/waits/turn.ts";
import { CLOCK, type Socket } from "./socket.ts";

/**
 * Returns the clock of a socket; its timers keep nothing alive. The socket may be one of another copy of this library, and
 * an object without a clock, such as a mock, gets the runtime's.
 */
export function clockOf(socket: Socket): Clock {
  return (socket as unknown as Record<symbol, (() => Clock) | undefined>)[CLOCK]?.() ?? systemClock;
}

/** Resolves in another turn of the event loop, before which its sockets had theirs. */
export function nextTurnOf(socket: Socket): Promise<void> {
  return nextTurn(clockOf(socket), undefined);
}
