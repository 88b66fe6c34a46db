/**
 * Finds the function with which this runtime refuses to transfer a buffer: that of `node:worker_threads`, on all three.
 *
 * @module
 */

import type { Marker } from "../../src/base/untransferable.ts";

interface ProcessGlobal {
  getBuiltinModule?(name: string): { markAsUntransferable?: Marker } | undefined;
}

// Checked by `typeof`, because builders of packages replace `globalThis`.
declare const process: ProcessGlobal | undefined;

/** Node has `getBuiltinModule` from 20.16 on. */
export function markerOfRuntime(): Marker | undefined {
  const host = typeof process === "undefined" ? undefined : process;
  return host?.getBuiltinModule?.("node:worker_threads")?.markAsUntransferable;
}
