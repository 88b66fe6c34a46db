/**
 * A connection to a socket in another thread of this process: ZMTP over a port. To its socket it is like one within the thread: it
 * does not keep the process alive, is not authenticated, and has no address to count by.
 *
 * @module
 */

import { LinkConnection } from "./link_connection.ts";

/** One side of a connection between two threads. */
export class ThreadConnection extends LinkConnection {
  override readonly linked = false;
}
