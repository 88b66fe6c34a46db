/**
 * tcp and ipc on Bun's own sockets.
 *
 * Every runtime's folder has the same files: `transport.ts`, `connect.ts`, `listen.ts`, `try_path.ts`, `addresses.ts`, and
 * `driver.ts` for the links. Besides, `api.ts` declares what is used of Bun, and `handlers.ts` has the callbacks of its sockets.
 *
 * @module
 */

import type { CoreTransport } from "../shared/core_transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";

/** tcp and ipc for Bun 1.4 and later. */
export const transport: CoreTransport = { connect, listen };
