/**
 * The tables of a run: one table per benchmark, one column per party.
 *
 * @module
 */

import { PARTIES, type Party, PEERS } from "../parties.ts";
import { byCase, labelOf, peerMedian, type Row } from "../results.ts";
import { summarize } from "../stats.ts";
import { markdownTable, short, times } from "./table.ts";

/** Explains the cells of {@link resultTables}. */
export const LEGEND = `Median (least–greatest of the rounds) ${
  PEERS.map(({ title }) => `× ${title}`).join(" / ")
}. Rates: more is better. Times and bytes: less is better.`;

/** A table for each benchmark, with an empty line between two. */
export function resultTables(rows: readonly Row[]): string {
  return byCase(rows).map((group) => tableOf(group, (row, party) => cell(group, row, party))).join("\n\n");
}

/** A table of the rows of one benchmark, with a column for each party that any of them has. */
export function tableOf(group: readonly Row[], cellOf: (row: Row, party: Party) => string): string {
  const [{ title, metric }] = group as [Row];
  const severalMetrics = group.some((row) => row.metric.key !== metric.key);
  const units = [...new Set(group.map((row) => row.metric.unit))];
  const parties = PARTIES.filter(({ id }) => group.some((row) => row.values[id] !== undefined));
  // Figure by figure, so that what is compared stands together.
  const metrics = [...new Set(group.map((row) => row.metric.key))];
  const ordered = metrics.flatMap((key) => group.filter((row) => row.metric.key === key));
  return markdownTable(
    [`${title}, ${units.join(", ")}`, ...parties.map((party) => party.title)],
    ordered.map((row) => [labelOf(row, severalMetrics), ...parties.map((party) => cellOf(row, party))]),
  );
}

function cell(group: readonly Row[], row: Row, party: Party): string {
  const values = row.values[party.id];
  if (values === undefined) return "";
  const { median, min, max } = summarize(values);
  const spread = min === max ? "" : ` (${short(min)}–${short(max)})`;
  if (party.kind === "peer") return `${short(median)}${spread}`;
  const ratios = PEERS.map(({ id }) => peerMedian(group, row, id))
    .map((baseline) => baseline === undefined ? "–" : times(median / baseline));
  return `${short(median)}${spread}${ratios.every((ratio) => ratio === "–") ? "" : ` ${ratios.join(" / ")}`}`;
}
