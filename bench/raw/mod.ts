/**
 * Picks the runtime's own sockets.
 *
 * @module
 */

import type { RawTcp } from "./contract.ts";

/** Loads the ping-pong of this runtime. */
export async function loadRawTcp(): Promise<RawTcp> {
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoTcp;
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunTcp;
  return (await import("./node.ts")).nodeTcp;
}
