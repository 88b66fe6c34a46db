/**
 * What was measured, and the table of it.
 *
 * @module
 */

import type { BenchCase, Figures, Metric, Variant } from "./case.ts";
import type { PartyName } from "./peers/party.ts";
import { summarize, type Summary } from "./stats.ts";
import { markdownTable, short } from "./table.ts";

/** The party that all others are compared to. */
export const BASELINE: PartyName = "libzmq";

const TITLES: Readonly<Record<PartyName, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
  libzmq: "zeromq.js on Node",
};

/** The figures of all rounds. */
export class Results {
  readonly #values = new Map<string, number[]>();

  /** Adds the figures of one measurement. */
  add(bench: BenchCase, variant: Variant, party: PartyName, figures: Figures): void {
    for (const { key } of bench.metrics) {
      const name = nameOf(bench, variant, party, key);
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, [figures[key]!]);
      else values.push(figures[key]!);
    }
  }

  /** All rounds of one figure in one. */
  summary(bench: BenchCase, variant: Variant, party: PartyName, metric: Metric): Summary | undefined {
    const values = this.#values.get(nameOf(bench, variant, party, metric.key));
    return values === undefined ? undefined : summarize(values);
  }
}

function nameOf(bench: BenchCase, variant: Variant, party: PartyName, metric: string): string {
  return [bench.id, variant.name, party, metric].join("/");
}

/** Median, least and greatest of each figure, and the median's ratio to the baseline's. */
export function resultTable(results: Results, cases: readonly BenchCase[], parties: readonly PartyName[]): string {
  const rows = cases.flatMap((bench) =>
    bench.metrics.flatMap((metric) =>
      bench.variants.map((variant) => [
        rowTitle(bench, variant, metric),
        ...parties.map((party) => cell(results, bench, variant, party, metric)),
      ])
    )
  );
  const measured = rows.filter((row) => row.slice(1).some((text) => text !== ""));
  return markdownTable(["median (min–max), × baseline", ...parties.map((party) => TITLES[party])], measured);
}

function rowTitle(bench: BenchCase, variant: Variant, { key, unit }: Metric): string {
  return `${bench.title} ${variant.name}${bench.metrics.length > 1 ? `, ${key}` : ""}, ${unit}`;
}

function cell(results: Results, bench: BenchCase, variant: Variant, party: PartyName, metric: Metric): string {
  const summary = results.summary(bench, variant, party, metric);
  if (summary === undefined) return "";
  const { median, min, max } = summary;
  const spread = min === max ? "" : ` (${short(min)}–${short(max)})`;
  const baseline = party === BASELINE ? undefined : baselineOf(results, bench, variant, metric);
  const ratio = baseline === undefined ? "" : ` ${(median / baseline).toFixed(2)}×`;
  return `${short(median)}${spread}${ratio}`;
}

/** The baseline has the await API alone, so that is what a batch is compared to as well. */
function baselineOf(results: Results, bench: BenchCase, { size }: Variant, metric: Metric): number | undefined {
  for (const variant of bench.variants) {
    if (variant.size !== size) continue;
    const summary = results.summary(bench, variant, BASELINE, metric);
    if (summary !== undefined) return summary.median;
  }
  return undefined;
}
