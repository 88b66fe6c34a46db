/**
 * Whether the process may open more files: what Node and Bun do not tell, or not again, when it may not.
 *
 * @module
 */

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

/** Bun takes it for a refusal, or has no code for it, that there are no more files: this is the cause in truth. */
export async function causeInTruth(cause: unknown): Promise<unknown> {
  const { code } = Object(cause) as { readonly code?: unknown };
  if (code !== undefined && code !== "ECONNREFUSED") return cause;
  return await requireFiles(1).then(() => cause, (truth) => truth);
}
