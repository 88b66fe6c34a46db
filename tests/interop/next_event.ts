/**
 * Waiting for an event of one of our sockets.
 *
 * @module
 */

import type { Socket, SocketEvent } from "../../mod.ts";

/** Resolves at the next event of this type; call it before what causes the event. */
export function nextEvent(socket: Socket, type: SocketEvent["type"]): Promise<SocketEvent> {
  return new Promise((resolve) => {
    const stop = socket.events.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}
