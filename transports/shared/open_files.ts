/**
 * Finding out that the process may not open more files, which Node and Bun do not report, or not again.
 *
 * @module
 */

import { ZmqError } from "../../src/base/errors.ts";
import { runtime } from "./runtime.ts";
import { tcpError } from "./tcp.ts";

/** Number of modules of a transport. */
const SOME = 12;

/**
 * Opens some files and closes them again. Rejects with the runtime's `EMFILE` or `ENFILE` if that fails; other errors,
 * such as a system without `/dev/null`, are ignored.
 */
export async function requireFiles(count: number = SOME): Promise<void> {
  const { closeSync, openSync } = await import("node:fs");
  const open: number[] = [];
  try {
    while (open.length < count) open.push(openSync("/dev/null", "r"));
  } catch (error) {
    if (tellsOfFiles(error)) throw error;
  } finally {
    for (const file of open) closeSync(file);
  }
}

/** Checks if the runtime itself reports that there are no more files. */
function tellsOfFiles(error: unknown): boolean {
  const { code } = Object(error) as { readonly code?: unknown };
  return code === "EMFILE" || code === "ENFILE";
}

/**
 * Makes an attempt. One that fails because there are no more files reports that, even if the runtime reports an unknown name, a
 * refused connection or a missing module.
 *
 * @param name Names the attempt in the message.
 */
export async function withFiles<T>(name: () => string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof Error) || (error instanceof ZmqError && error.code === "EMFILE")) throw error;
    const cause = await causeInTruth(error);
    throw tellsOfFiles(cause) ? tcpError(name(), cause) : error;
  }
}

/** Returns the error that there are no more files if that is the cause; some runtimes report another one, or one without a code. */
export async function causeInTruth(cause: unknown): Promise<unknown> {
  // Deno reports it itself, and would ask the user for the permission to open a file.
  if (tellsOfFiles(cause) || runtime() === "deno") return cause;
  return await requireFiles(1).then(() => cause, (truth) => truth);
}
