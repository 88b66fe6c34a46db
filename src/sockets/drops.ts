/**
 * Messages that are dropped by code which is built on sockets.
 *
 * @module
 */

import type { DropReason } from "../routing/drops.ts";
import { COUNT_DROP, type Socket } from "./socket.ts";

/**
 * Counts a message in the `drops` of a socket, and reports the first one for this reason as a hint. Works for a socket of
 * another copy of this library.
 */
export function countDrop(socket: Socket, reason: DropReason): void {
  (socket as unknown as Record<symbol, ((reason: DropReason) => void) | undefined>)[COUNT_DROP]?.(reason);
}
