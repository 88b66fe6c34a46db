/**
 * Which runtime this program runs on. Deno and Bun answer to the names of Node, too, so they are asked for first.
 *
 * @module
 */

// By `typeof`, because builders of packages replace `globalThis`.
declare const Deno: { readonly version?: unknown } | undefined;
declare const Bun: { readonly version?: unknown } | undefined;

/** The runtime; Node also stands for what is none of the other two. */
export function runtime(): "deno" | "bun" | "node" {
  if (typeof Deno !== "undefined" && Deno?.version !== undefined) return "deno";
  return typeof Bun !== "undefined" && Bun?.version !== undefined ? "bun" : "node";
}
