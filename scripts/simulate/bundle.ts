/**
 * Bundles the simulation into one file: it starts faster, and all runtimes run the same code.
 *
 * @module
 */

import { build, type Plugin } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Bundles a program, calls `use` with the file, then removes it. */
export async function bundled<T>(
  entry: string,
  use: (file: string) => Promise<T>,
  ...plugins: readonly Plugin[]
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "zmq-simulation-"));
  const outfile = join(folder, "simulation.mjs");
  try {
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      // Without `await using`, which Node 20 does not have.
      target: "es2023",
      logLevel: "error",
      plugins: [...plugins],
    });
    return await use(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
