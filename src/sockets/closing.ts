/**
 * Being told that a socket is closed.
 *
 * @module
 */

import { type Socket, WHEN_CLOSED } from "./socket.ts";

/**
 * Has `act`, which must not throw, called soon after `close()` is, also where the socket still sends what is queued. The socket
 * may be one of another copy of this library.
 *
 * @returns Takes that back.
 */
export function whenClosed(socket: Socket, act: () => void): () => void {
  return (socket as unknown as Record<symbol, (act: () => void) => () => void>)[WHEN_CLOSED]!(act);
}
