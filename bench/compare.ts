/**
 * Compares a run with a saved one: finds the figures that changed by more than the spread of both runs.
 *
 * @module
 */

import { keyOf, type Row } from "./results.ts";
import { summarize } from "./stats.ts";

/** Smaller changes are never reported. */
const LEAST_CHANGE = 0.05;
/** With fewer rounds there is no meaningful spread, and the difference must be larger. */
const ENOUGH_ROUNDS = 3;
const LEAST_CHANGE_OF_FEW = 0.25;

/** A figure in both runs. */
export interface Change {
  readonly row: Row;
  readonly party: string;
  /** Median of the saved run. */
  readonly before: number;
  /** Median of this run. */
  readonly after: number;
  /** This run's median divided by the saved one's. */
  readonly ratio: number;
  /** `same` if the difference is within the spread of both runs. */
  readonly verdict: "better" | "worse" | "same";
}

/** Compares all figures that are in both runs. */
export function compareRuns(saved: readonly Row[], rows: readonly Row[]): Change[] {
  const known = new Map(saved.map((row) => [keyOf(row), row]));
  return rows.flatMap((row) =>
    Object.entries(row.values).flatMap(([party, values]): Change[] => {
      const old = known.get(keyOf(row))?.values[party];
      return old === undefined ? [] : [compare(row, party, old, values)];
    })
  );
}

function compare(row: Row, party: string, old: readonly number[], values: readonly number[]): Change {
  const before = summarize(old);
  const after = summarize(values);
  const ratio = after.median / before.median;
  const overlap = before.min <= after.max && after.min <= before.max;
  const least = Math.min(old.length, values.length) < ENOUGH_ROUNDS ? LEAST_CHANGE_OF_FEW : LEAST_CHANGE;
  const changed = !overlap && Math.abs(ratio - 1) > least;
  const improved = (ratio > 1) === (row.metric.better === "higher");
  const verdict = !changed ? "same" : improved ? "better" : "worse";
  return { row, party, before: before.median, after: after.median, ratio, verdict };
}
