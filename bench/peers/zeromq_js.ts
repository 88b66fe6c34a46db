/**
 * The real libzmq, through npm's zeromq.js, as a {@link Library}. Node only: it crashes on Bun and stalls on Deno.
 *
 * @module
 */

import * as sockets from "zeromq";
import type { Library } from "./library.ts";
import { zeromqLibrary } from "./zeromq_library.ts";

/** libzmq. */
export const zeromqJs: Library = zeromqLibrary(
  `libzmq ${sockets.version}`,
  sockets as unknown as Parameters<typeof zeromqLibrary>[1],
);
