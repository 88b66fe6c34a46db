/**
 * How this runtime refuses to transfer a buffer: by what `node:worker_threads` has for it, on all three.
 *
 * @module
 */

import type { Marker } from "../../src/base/untransferable.ts";

interface ProcessGlobal {
  getBuiltinModule?(name: string): { markAsUntransferable?: Marker } | undefined;
}

// Asked for by `typeof`, because builders of packages replace `globalThis`.
declare const process: ProcessGlobal | undefined;

/** Node has `getBuiltinModule` from 20.16 on. */
export function markerOfRuntime(): Marker | undefined {
  const host = typeof process === "undefined" ? undefined : process;
  return host?.getBuiltinModule?.("node:worker_threads")?.markAsUntransferable;
}
