/**
 * Being told that a socket is closed.
 *
 * @module
 */

import { coreOf, type Socket } from "./socket.ts";

/**
 * Has `act`, which must not throw, called soon after `close()` is, also where the socket still sends what is queued.
 *
 * @returns Takes that back.
 */
export function whenClosed(socket: Socket, act: () => void): () => void {
  const over = new AbortController();
  coreOf(socket).waitUntil(() => false, { signal: over.signal }).catch(() => {
    if (!over.signal.aborted) act();
  });
  return () => over.abort();
}
