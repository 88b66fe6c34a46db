/**
 * tcp and ipc on Deno's own sockets.
 *
 * Every runtime's folder has the same files: `transport.ts`, `connect.ts`, `listen.ts`, `try_path.ts`, `addresses.ts`, and
 * `driver.ts` for the links. Besides, `api.ts` declares what is used of Deno, `acceptor.ts` accepts connections, `tcp_link.ts`
 * makes links of them, `through_node.ts` uses `node:net`, and `look_at_sockets.ts` and `read_buffer.ts` are for the driver.
 *
 * @module
 */

import type { CoreTransport } from "../shared/core_transport.ts";
import { connect } from "./connect.ts";
import { listen } from "./listen.ts";

/** tcp and ipc for Deno 2.9.5 and later. */
export const transport: CoreTransport = { connect, listen };
