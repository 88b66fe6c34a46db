/**
 * The clock of a socket, for code that is built on sockets.
 *
 * @module
 */

import { type Clock, systemClock } from "../base/clock.ts";
import { nextTurn } from "../engine/waits/turn.ts";
import { CLOCK, type Socket } from "./socket.ts";

/**
 * Returns the clock of a socket; its timers do not keep the process alive. Works for a socket of another copy of this
 * library. For an object without a clock, such as a mock, it returns the clock of the runtime.
 */
export function clockOfSocket(socket: Socket): Clock {
  return (socket as unknown as Record<symbol, (() => Clock) | undefined>)[CLOCK]?.() ?? systemClock;
}

/** Resolves in a later event loop turn, after the sockets had a chance to read and write. */
export function nextTurnOf(socket: Socket): Promise<void> {
  return nextTurn(clockOfSocket(socket), undefined);
}
