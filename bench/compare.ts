/**
 * A run beside a saved one: which figures have changed by more than the rounds of either run differ among themselves.
 *
 * @module
 */

import { keyOf, type Row } from "./results.ts";
import { summarize } from "./stats.ts";

/** Less than this is never a change. */
const LEAST_CHANGE = 0.05;
/** Fewer rounds have no spread to speak of, and must differ by more. */
const ENOUGH_ROUNDS = 3;
const LEAST_CHANGE_OF_FEW = 0.25;

/** A figure in both runs. */
export interface Change {
  readonly row: Row;
  readonly party: string;
  /** Of the saved run. */
  readonly before: number;
  /** Of this run. */
  readonly after: number;
  /** This run's median by the saved one's. */
  readonly ratio: number;
  /** `same` as far as the spread of both runs can tell. */
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
