/**
 * Detects the runtime that this program runs on. Deno and Bun also have the globals of Node, so they are checked first.
 *
 * @module
 */

// By `typeof`, because builders of packages replace `globalThis`.
declare const Deno: { readonly version?: unknown } | undefined;
declare const Bun: { readonly version?: unknown } | undefined;

/** Returns the runtime; `node` also for any other. */
export function runtime(): "deno" | "bun" | "node" {
  if (typeof Deno !== "undefined" && Deno?.version !== undefined) return "deno";
  return typeof Bun !== "undefined" && Bun?.version !== undefined ? "bun" : "node";
}
