/**
 * Endpoints that nobody listens on, for sockets that connect too early and for peers that come back.
 *
 * @module
 */

import process from "node:process";
import { Pull } from "../../mod.ts";

let made = 0;

/** A TCP endpoint of this machine that is free, and is not given to others while nobody is bound to it. */
export async function freeEndpoint(): Promise<string> {
  await using pull = new Pull();
  return await pull.bind(`tcp://${ownHost()}:0`);
}

/** A loopback address that no other test uses: the system hands out free ports of 127.0.0.1 to whoever asks. */
function ownHost(): string {
  // It has no other loopback addresses.
  if (process.platform === "darwin") return "127.0.0.1";
  return `127.${1 + process.pid % 250}.${1 + (process.pid >> 8) % 250}.${1 + made++ % 250}`;
}
