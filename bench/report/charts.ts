/**
 * The charts of a run: the ratio of each party to zeromq.js, and the curves.
 *
 * @module
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PARTIES, type Party, PEERS } from "../parties.ts";
import { byCase, labelOf, peerMedian, type Row } from "../results.ts";
import { median } from "../stats.ts";
import { barChart, type BarGroup } from "./bar_chart.ts";
import { type Curve, lineChart } from "./line_chart.ts";

/** A picture and the name of its file. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

const [BASELINE] = PEERS as [Party];
/** The index of a name is that of its color. */
const SHOWN = PARTIES.filter(({ kind }) => kind !== "mixed");
const COMPARED = SHOWN.filter(({ id }) => id !== BASELINE.id);
/** Writes the charts of a run to a folder, which is made. */
export function writeCharts(folder: string, rows: readonly Row[]): Chart[] {
  const charts = chartsOf(rows);
  mkdirSync(folder, { recursive: true });
  for (const { file, svg } of charts) writeFileSync(join(folder, file), svg);
  return charts;
}

/** The charts that can be made of these rows. */
export function chartsOf(rows: readonly Row[]): Chart[] {
  const curves = byCase(rows).flatMap((group) => {
    const chart = curvesOf(group);
    return chart === undefined ? [] : [chart];
  });
  const ratios = ratiosOf(rows);
  return ratios === undefined ? curves : [ratios, ...curves];
}

function ratiosOf(rows: readonly Row[]): Chart | undefined {
  const shown = rows.filter((row) => row.headline && peerMedian(rows, row, BASELINE.id) !== undefined);
  if (shown.length === 0) return undefined;
  const title = `Times ${BASELINE.title} on Node: more is better`;
  const groups = shown.map((row): BarGroup => {
    const baseline = peerMedian(rows, row, BASELINE.id)!;
    const severalMetrics = rows.some((other) => other.case === row.case && other.metric.key !== row.metric.key);
    return {
      label: `${row.title}, ${labelOf(row, severalMetrics)}`,
      bars: COMPARED.flatMap(({ id }) => {
        const value = id === "libzmq" ? peerMedian(rows, row, id) : row.values[id] && median(row.values[id]);
        if (value === undefined) return [];
        const ratio = row.metric.better === "higher" ? value / baseline : baseline / value;
        return [{ color: SHOWN.findIndex((party) => party.id === id), ratio }];
      }),
    };
  });
  const names = COMPARED.map((party) => ({ name: party.title, color: SHOWN.indexOf(party) }));
  return { file: "ratios.svg", title, svg: barChart({ title, names, groups }) };
}

function curvesOf(group: readonly Row[]): Chart | undefined {
  const rows = group.filter((row) => row.x !== undefined);
  const [first] = rows;
  if (first === undefined || new Set(rows.map(({ x }) => x!.value)).size < 2) return undefined;
  const curves = SHOWN.flatMap(({ id, title }, color) =>
    (["await", "batch"] as const).flatMap((api): Curve[] => {
      const points = rows.filter((row) => row.api === api && row.values[id] !== undefined)
        .map((row) => ({ x: row.x!.value, y: median(row.values[id]!), tick: row.x!.tick }));
      if (points.length === 0) return [];
      const several = rows.some((row) => row.severalApis && row.values[id] !== undefined && row.api === "batch");
      return [{ name: several ? `${title}, ${api}` : title, color, dashed: several && api === "batch", points }];
    })
  );
  const { title, metric, x } = first;
  const file = `${first.case.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.svg`;
  return { file, title, svg: lineChart({ title, xLabel: x!.label, yLabel: metric.unit, curves }) };
}
