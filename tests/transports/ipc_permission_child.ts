/**
 * Run by `ipc_test.ts` on Deno without permission to read or write: prints how a bind to a path is refused.
 *
 * @module
 */

import { Pull, type ZmqError } from "../../mod.ts";

await using pull = new Pull();
const error: ZmqError = await pull.bind("ipc:///tmp/zmq-nobody-may-look").catch((error) => error);
console.log(error.code, (error.cause as Error).name);
