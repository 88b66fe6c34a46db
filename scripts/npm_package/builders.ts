/**
 * The two tools that can build the package, and the choice between them.
 *
 * @module
 */

import { buildWithDnt, type Dnt, loadDnt } from "./dnt.ts";
import { buildWithTypeScript } from "./typescript.ts";

/** Names of the builders, as `--builder` takes them. */
export const BUILDERS = ["dnt", "tsc"] as const;

/** One of {@link BUILDERS}. */
export type Builder = typeof BUILDERS[number];

/**
 * Builds into `folder` with the builder that is asked for. If none is, with dnt; with the TypeScript compiler only where
 * JSR, which has dnt, cannot be reached.
 *
 * @returns The builder, and why it is that one.
 */
export async function buildCode(folder: string, asked?: Builder): Promise<string> {
  if (asked === "tsc") return await withTypeScript(folder, "as asked for");
  let dnt: Dnt;
  try {
    dnt = await loadDnt();
  } catch (error) {
    if (asked === "dnt" || !isUnreachable(error)) throw error;
    return await withTypeScript(folder, `dnt is out of reach: ${(error as Error).message.split("\n")[0]}`);
  }
  await buildWithDnt(dnt, folder);
  return asked === "dnt" ? "dnt, as asked for" : "dnt";
}

async function withTypeScript(folder: string, why: string): Promise<string> {
  await buildWithTypeScript(folder);
  return `tsc, ${why}`;
}

/** Deno did not find the module; one that was found and is broken fails in another way. */
function isUnreachable(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
}
