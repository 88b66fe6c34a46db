/**
 * Whether the process may open more files: what Node and Bun do not tell, or not again, when it may not.
 *
 * @module
 */

import { ZmqError } from "../../src/errors.ts";
import { tcpError } from "./tcp.ts";

/** As many as the modules of a transport. */
const SOME = 12;

/**
 * Opens some files and closes them again. Rejects with the runtime's `EMFILE` or `ENFILE` if that fails; whatever else may be
 * wrong, such as a system without `/dev/null`, is no reason.
 */
export async function requireFiles(count: number = SOME): Promise<void> {
  const { closeSync, openSync } = await import("node:fs");
  const open: number[] = [];
  try {
    while (open.length < count) open.push(openSync("/dev/null", "r"));
  } catch (error) {
    const { code } = Object(error) as { readonly code?: unknown };
    if (code === "EMFILE" || code === "ENFILE") throw error;
  } finally {
    for (const file of open) closeSync(file);
  }
}

declare const Deno: { readonly version?: unknown } | undefined;

/** Whether a look at files may ask the user for a permission. */
export const asksForFiles: boolean = typeof Deno !== "undefined" && Deno?.version !== undefined;

/**
 * What an attempt gives; one that fails because there are no more files says so, whatever the runtime made of it: an unknown
 * name, a module that is not there.
 */
export async function withFiles<T>(name: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof ZmqError && error.code === "EMFILE") throw error;
    if (!(error instanceof Error)) throw error;
    const { code } = error as { readonly code?: unknown };
    if (code === "EMFILE" || code === "ENFILE") throw tcpError(name, error);
    if (!asksForFiles) {
      await requireFiles(1).catch((cause) => {
        throw tcpError(name, cause);
      });
    }
    throw error;
  }
}

/** Bun takes it for a refusal, or has no code for it, that there are no more files: this is the cause in truth. */
export async function causeInTruth(cause: unknown): Promise<unknown> {
  const { code } = Object(cause) as { readonly code?: unknown };
  if (code !== undefined && code !== "ECONNREFUSED") return cause;
  return await requireFiles(1).then(() => cause, (truth) => truth);
}
