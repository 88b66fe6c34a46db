/**
 * Runs `npm pack` and parses its output.
 *
 * @module
 */

import { run, type RunOptions } from "./process.ts";

/** The report of `npm pack` about a tarball. */
export interface PackedPackage {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of the files in it. */
  readonly unpackedSize: number;
}

/** Packs one package; throws with npm's words when it cannot. */
export async function pack(args: readonly string[], options: RunOptions): Promise<PackedPackage> {
  const { code, stdout, output } = await run("npm", ["pack", "--json", "--loglevel=error", ...args], options);
  if (code !== 0) throw new Error(`npm cannot pack: ${output}`);
  // A list; an object of them would do as well.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, PackedPackage>);
  if (packed === undefined) throw new Error(`npm packed nothing: ${output}`);
  return packed;
}
