/**
 * What was measured: a row for every figure of every variant, with the values of all rounds and parties. A row tells all
 * that reports need, so that they can be made of a saved run as well.
 *
 * @module
 */

import type { Api, BenchCase, Figures, Metric, Variant } from "./case.ts";
import { median } from "./stats.ts";

/** A place on a curve, as charts call it. */
export interface Abscissa {
  readonly value: number;
  readonly tick: string;
  /** What the values are. */
  readonly label: string;
}

/** One figure of one variant. */
export interface Row {
  /** The benchmark's id, and what tables call it. */
  readonly case: string;
  readonly title: string;
  readonly point: string;
  readonly api: Api;
  /** Whether the same is measured with another API. */
  readonly severalApis: boolean;
  readonly metric: Metric;
  /** Whether it stands for its benchmark where there is no room for all. */
  readonly headline: boolean;
  /** Where it is on the benchmark's curve. */
  readonly x?: Abscissa;
  /** By party, the values of all rounds. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

/** A row that grows. */
interface OpenRow extends Row {
  readonly values: Record<string, number[]>;
}

/** The figures of all rounds. */
export class Results {
  readonly #rows = new Map<string, OpenRow>();

  /** All rows, in the order in which they were measured first. */
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

/** Tells rows apart; the same in every run. */
export function keyOf({ case: id, point, api, metric }: Omit<Row, "values">): string {
  return [id, point, api, metric.key].join("/");
}

/** What a row is called beside others of its benchmark. */
export function labelOf(row: Row, severalMetrics: boolean): string {
  return [row.point, ...(row.severalApis ? [row.api] : []), ...(severalMetrics ? [row.metric.key] : [])].join(", ");
}

/**
 * What a peer has in this row's place: peers without a batch API are measured with the other one, and that is what a batch
 * is compared to as well.
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
