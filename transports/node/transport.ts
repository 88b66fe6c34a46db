/**
 * tcp and ipc on Node's `net`. Deno uses this transport too, for options that its own sockets do not have.
 *
 * Every runtime's folder has the same files: `transport.ts`, `connect.ts`, `listen.ts`, `try_path.ts`, `addresses.ts`, and
 * `driver.ts` for the links.
 *
 * @module
 */

import type { CoreTransport } from "../shared/core_transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";

/** tcp and ipc for Node 20 and later. */
export const transport: CoreTransport = { connect, listen };
