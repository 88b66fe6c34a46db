/**
 * Describes why the peers of a socket do not do what it waits for, for errors of code that is built on sockets.
 *
 * @module
 */

import { type Trouble, trouble } from "../engine/timeout_error.ts";
import { coreOf, type Socket } from "./socket.ts";

/**
 * Describes the servers and endpoints of a client, and its last connection error.
 *
 * @param since Date from which on errors count although their endpoint is connected again.
 */
export function serverTrouble(socket: Socket, since?: number): Trouble {
  return trouble(coreOf(socket), "server", since);
}
