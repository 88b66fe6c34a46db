/**
 * One of the two processes of a benchmark, on any runtime and with either library: waits for its part, plays it.
 *
 * @module
 */

import type { Figures, Timing, Variant } from "./case.ts";
import { CASES } from "./cases/mod.ts";
import { report, serveCommands } from "./peers/control.ts";
import { loadLibrary, type PartyName } from "./peers/party.ts";

/** What a worker is told, once. */
export interface Part extends Timing {
  readonly party: PartyName;
  readonly caseId: string;
  readonly variant: Variant;
  /** Where to connect; the worker binds if there is none. */
  readonly endpoint?: string;
}

/** What a worker tells: where it is bound, what it measured. */
export type WorkerReport = { readonly endpoint: string } | { readonly figures: Figures };

serveCommands<Part>(async ({ party, caseId, variant, warmup, window, endpoint }) => {
  const bench = CASES.find(({ id }) => id === caseId)!;
  const task = { library: await loadLibrary(party), size: variant.size, api: variant.api, warmup, window };
  const figures = endpoint === undefined
    ? await bench.server(task, (bound) => report({ endpoint: bound } satisfies WorkerReport))
    : await bench.client(task, endpoint);
  if (figures !== undefined) report({ figures } satisfies WorkerReport);
});
