/**
 * The drop-in for zeromq.js, as a {@link Library}.
 *
 * @module
 */

import * as sockets from "../../src/zeromq/mod.ts";
import type { Library } from "./library.ts";
import { zeromqLibrary } from "./zeromq_library.ts";

/** The drop-in. */
export const zeromqEntry: Library = zeromqLibrary("the drop-in for zeromq.js", sockets);
