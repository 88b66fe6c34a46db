/**
 * Sockets that can send only after they have received.
 *
 * @module
 */

import { REPLIES_ONLY, type Socket } from "./socket.ts";

/** Returns `true` for such a socket, such as a `Reply`. The socket may belong to another copy of this library, or be a mock. */
export function repliesOnly(socket: Socket): boolean {
  return (socket as unknown as Record<symbol, (() => boolean) | undefined>)[REPLIES_ONLY]?.() === true;
}
