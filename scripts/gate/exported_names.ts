/**
 * Reads the exports of a module, values and types, with `deno doc`.
 *
 * @module
 */

import { installed, run } from "./process.ts";

/** The kind of each exported name: `class`, `interface`, …. */
export type ExportedNames = Readonly<Record<string, string>>;

interface DocumentedSymbol {
  readonly name: string;
  readonly declarations: readonly { readonly kind: string }[];
}

const TIMEOUT = 600_000;

/** Reads the exports of a module or its declarations, sorted by name. */
export async function exportedNames(file: string): Promise<ExportedNames> {
  const { code, stdout, output } = await run(installed("deno"), ["doc", "--json", "--quiet", file], {
    timeout: TIMEOUT,
  });
  if (code !== 0) throw new Error(`Cannot read the exports of ${file}: ${output}`);
  const { nodes } = JSON.parse(stdout) as { nodes: Record<string, { symbols: DocumentedSymbol[] }> };
  const named = Object.values(nodes).flatMap(({ symbols }) => symbols).filter(({ name }) => name !== "");
  const kinds = named.map(({ name, declarations }) =>
    [name, [...new Set(declarations.map(({ kind }) => kind))].sort().join(", ")] as const
  );
  return Object.fromEntries(kinds.sort(([one], [other]) => one < other ? -1 : 1));
}
