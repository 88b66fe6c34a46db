/**
 * Picks the runtime's own sockets.
 *
 * @module
 */

/** A ping-pong on a runtime's own TCP sockets. */
export interface RawTcp {
  /** Sends back all that comes, on a free port of this machine, which it returns. */
  echo(): Promise<number>;
  /** Sends `size` bytes, and again whenever as many have come back, until `lap` returns true. */
  pingPong(port: number, size: number, lap: () => boolean): Promise<void>;
}

/** The one of this runtime. */
export async function loadRawTcp(): Promise<RawTcp> {
  if ("Deno" in globalThis) return (await import("./deno.ts")).denoTcp;
  if ("Bun" in globalThis) return (await import("./bun.ts")).bunTcp;
  return (await import("./node.ts")).nodeTcp;
}
