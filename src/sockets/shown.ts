/**
 * The text of `console.log` for an object that is built on a socket: that of the socket, with a name of its own.
 *
 * @module
 */

import { showAs, socketLines } from "../diagnostics/inspect.ts";
import type { Socket } from "./socket.ts";

/** Shows all objects of a prototype as `Name PUSH#3`, with the endpoints and peers of their sockets. */
export function showAsSocket<T extends object>(prototype: T, name: string, socketOf: (object: T) => Socket): void {
  showAs(prototype, (object) => {
    const [socket, ...lines] = socketLines(socketOf(object));
    return [`${name} ${socket}`, ...lines];
  });
}
