/**
 * Picks the adapter, for tcp and ipc, of the runtime this program runs on. Nothing is loaded before it is asked for.
 *
 * @module
 */

import type { Transport } from "../src/transport.ts";

let loaded: Promise<Transport> | undefined;

/**
 * Loads the transport of this runtime, for tcp and ipc: Deno's, Bun's or Node's, in this order of detection (Deno and Bun also
 * answer to the names of Node). Loaded once; asking again after a failure tries again.
 *
 * @example
 * ```ts
 * import { loadTransport } from "./mod.ts";
 *
 * const transport = await loadTransport();
 * ```
 */
export function loadTransport(): Promise<Transport> {
  if (loaded === undefined) {
    loaded = load();
    loaded.catch(() => loaded = undefined);
  }
  return loaded;
}

interface Globals {
  readonly Deno?: { readonly version?: unknown };
  readonly Bun?: { readonly version?: unknown };
}

async function load(): Promise<Transport> {
  const { Deno, Bun } = globalThis as Globals;
  if (Deno?.version !== undefined) return (await import("./deno.ts")).denoTransport;
  if (Bun?.version !== undefined) return (await import("./bun.ts")).bunTransport;
  return (await import("./node.ts")).nodeTransport;
}
