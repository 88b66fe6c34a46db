/**
 * Run by `ipc_test.ts` on Deno with no more permissions than it says: binds the path it is given, and prints whether that
 * was possible, or how it is refused.
 *
 * @module
 */

import process from "node:process";
import { Pull, type ZmqError } from "../../mod.ts";

await using pull = new Pull();
try {
  await pull.bind(`ipc://${process.argv[2]}`);
  console.log("bound");
} catch (error) {
  console.log((error as ZmqError).code, ((error as ZmqError).cause as Error).name);
}
