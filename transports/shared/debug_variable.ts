/**
 * Reads the environment variable `ZMQ_DEBUG`, without a prompt and without an error where that is not permitted.
 *
 * @module
 */

/** Deno's permissions, as far as they are needed. */
interface DenoGlobal {
  readonly permissions?: {
    querySync?(descriptor: { readonly name: "env"; readonly variable: string }): { readonly state: string };
  };
}

// Checked by `typeof`, because builders of packages replace `globalThis`.
declare const Deno: DenoGlobal | undefined;
declare const process: { readonly env?: Readonly<Record<string, string | undefined>> } | undefined;

const NAME = "ZMQ_DEBUG";

/** Values that turn the log off, in upper or lower case. */
const OFF = /^\s*(?:0|false|no|off)?\s*$/i;

/** Returns the value; `undefined` if it is not set, set to nothing, `0`, `false`, `no` or `off`, or may not be read. */
export function debugVariable(): string | undefined {
  try {
    // Reading it without the permission would ask the user; a query does not.
    if (typeof Deno !== "undefined" && Deno?.permissions !== undefined) {
      if (Deno.permissions.querySync?.({ name: "env", variable: NAME }).state !== "granted") return undefined;
    }
    const value = typeof process === "undefined" ? undefined : process?.env?.[NAME];
    return value === undefined || OFF.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
