/**
 * The tables of a comparison: the ratios to a saved run.
 *
 * @module
 */

import type { Change } from "../compare.ts";
import type { Party } from "../parties.ts";
import { byCase, type Row } from "../results.ts";
import { times } from "./table.ts";
import { tableOf } from "./tables.ts";

/** The ratios to a saved run; changes beyond the spread of both runs are in bold. */
export function changeTables(changes: readonly Change[]): string {
  const cellOf = (row: Row, { id }: Party) => {
    const change = changes.find((candidate) => candidate.row === row && candidate.party === id);
    if (change === undefined) return "";
    const ratio = times(change.ratio);
    return change.verdict === "same" ? ratio : `**${ratio} ${change.verdict}**`;
  };
  const rows = [...new Set(changes.map(({ row }) => row))];
  return byCase(rows).map((group) => tableOf(group, cellOf)).join("\n\n");
}

/** Summarizes the changes in one sentence. */
export function changeSummary(changes: readonly Change[]): string {
  const count = (wanted: Change["verdict"]) => changes.filter(({ verdict }) => verdict === wanted).length;
  return `${changes.length} figures: ${count("better")} better and ${count("worse")} worse by more than the ` +
    `spread of both runs.`;
}
