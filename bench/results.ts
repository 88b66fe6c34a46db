/**
 * The results of a run: a row per figure and variant, with the values of all rounds and parties. A row contains
 * everything that reports need, so that they can be created from a saved run.
 *
 * @module
 */

import type { Api, BenchCase, Figures, Metric, Variant } from "./case.ts";
import { median } from "./stats.ts";

/** A point on the horizontal axis of a chart. */
export interface Abscissa {
  readonly value: number;
  readonly tick: string;
  /** The unit of the values. */
  readonly label: string;
}

/** One figure of one variant. */
export interface Row {
  /** Id of the benchmark, and its name in tables. */
  readonly case: string;
  readonly title: string;
  readonly point: string;
  readonly api: Api;
  /** True if the same variant is measured with another API. */
  readonly severalApis: boolean;
  readonly metric: Metric;
  /** True if it represents its benchmark in short tables. */
  readonly headline: boolean;
  /** Its point on the horizontal axis of the benchmark's chart. */
  readonly x?: Abscissa;
  /** The values of all rounds, by party. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** A row to which values are added. */
interface OpenRow extends Row {
  readonly values: Record<string, number[]>;
}

/** The figures of all rounds. */
export class Results {
  readonly #rows = new Map<string, OpenRow>();

  /** All rows, in the order of their first measurement. */
  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  /** Adds the figures of one measurement. */
  add(bench: BenchCase, variant: Variant, party: string, figures: Figures): void {
    for (const metric of bench.metrics) {
      this.addValue(rowOf(bench, variant, metric), party, figures[metric.key]!);
    }
  }

  /** Adds one value. */
  addValue(row: Omit<Row, "values">, party: string, value: number): void {
    const key = keyOf(row);
    let open = this.#rows.get(key);
    if (open === undefined) this.#rows.set(key, open = { ...row, values: {} });
    (open.values[party] ??= []).push(value);
  }
}

/** Identifies a row; the same in every run. */
export function keyOf({ case: id, point, api, metric }: Omit<Row, "values">): string {
  return [id, point, api, metric.key].join("/");
}

/** Returns the name of a row among those of its benchmark. */
export function labelOf(row: Row, severalMetrics: boolean): string {
  return [row.point, ...(row.severalApis ? [row.api] : []), ...(severalMetrics ? [row.metric.key] : [])].join(", ");
}

/**
 * Returns a peer's median for the comparison with this row. Peers without a batch API are measured with the other API,
 * and batches are compared to that.
 */
export function peerMedian(rows: readonly Row[], row: Row, peer: string): number | undefined {
  const same = rows.filter((other) =>
    other.case === row.case && other.point === row.point && other.metric.key === row.metric.key
  );
  const values = row.values[peer] ?? same.map((other) => other.values[peer]).find((found) => found !== undefined);
  return values === undefined ? undefined : median(values);
}

/** The rows of each benchmark. */
export function byCase(rows: readonly Row[]): readonly Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.case);
    if (group === undefined) groups.set(row.case, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function rowOf(bench: BenchCase, variant: Variant, metric: Metric): Omit<Row, "values"> {
  const { id, title, axis, metrics, variants } = bench;
  const { api, count, point, size } = variant;
  const severalApis = variants.some((other) => other.point === point && other.api !== api);
  const headline = variant.headline && metric === metrics[0];
  const row = { case: id, title, point, api, severalApis, metric, headline };
  if (axis === undefined) return row;
  const { label } = axis;
  const x = axis.of === "size" ? { value: size, tick: point, label } : { value: count, tick: String(count), label };
  return { ...row, x };
}
