/**
 * Notification when a socket is closed.
 *
 * @module
 */

import { type Socket, WHEN_CLOSED } from "./socket.ts";

/**
 * Calls `act`, which must not throw, soon after `close()` was called, even while the socket still sends queued
 * messages. Works for a socket of another copy of this library.
 *
 * @returns A function that cancels the notification.
 */
export function whenClosed(socket: Socket, act: () => void): () => void {
  return (socket as unknown as Record<symbol, (act: () => void) => () => void>)[WHEN_CLOSED]!(act);
}
