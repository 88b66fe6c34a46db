/**
 * Finds `node:diagnostics_channel`, on all three runtimes, without an import that bundlers for browsers would refuse.
 *
 * @module
 */

import type { OpenChannel } from "../../src/base/channels.ts";

interface ProcessGlobal {
  getBuiltinModule?(name: string): { channel?: OpenChannel } | undefined;
}

// Checked by `typeof`, because builders of packages replace `globalThis`.
declare const process: ProcessGlobal | undefined;

/** Node has `getBuiltinModule` from 20.16 on. */
export function channelsOfRuntime(): OpenChannel | undefined {
  const host = typeof process === "undefined" ? undefined : process;
  return host?.getBuiltinModule?.("node:diagnostics_channel")?.channel;
}
