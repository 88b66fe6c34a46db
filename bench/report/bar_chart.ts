/**
 * Bars of ratios to a baseline, on a logarithmic scale: longer to the right is better.
 *
 * @module
 */

import { element, line, logScale, picture, text } from "./svg.ts";
import { times } from "./table.ts";

/** Bars that stand together. */
export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

/** One bar. */
export interface Bar {
  readonly color: number;
  readonly ratio: number;
}

/** The contents of a chart. */
export interface BarChart {
  readonly title: string;
  /** The series, each with its color. */
  readonly names: readonly { readonly name: string; readonly color: number }[];
  readonly groups: readonly BarGroup[];
}

const WIDTH = 880;
const LEFT = 330;
const RIGHT = 70;
const TOP = 64;
const BOTTOM = 16;
const BAR = 11;
const GAP = 10;

/** Draws a chart. */
export function barChart({ title, names, groups }: BarChart): string {
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const x = logScale(Math.min(1, ...ratios), Math.max(1, ...ratios), LEFT, WIDTH - RIGHT);
  const parts: string[] = [];
  let y = TOP;
  for (const { label, bars } of groups) {
    parts.push(text(LEFT - 10, y + bars.length * BAR / 2 + 4, label, "end"));
    for (const { color, ratio } of bars) {
      const from = Math.min(x(1), x(ratio));
      const width = Math.max(1, Math.abs(x(ratio) - x(1)));
      parts.push(element("rect", { class: `s${color}`, x: from, y, width, height: BAR - 2 }));
      parts.push(text(Math.max(x(ratio), x(1)) + 5, y + BAR - 2, times(ratio)));
      y += BAR;
    }
    y += GAP;
  }
  const height = y + BOTTOM;
  return picture(WIDTH, height, title, [
    text(LEFT, 20, title),
    ...names.flatMap(({ name, color }, i) => [
      element("rect", { class: `s${color}`, x: LEFT + i * 110, y: 29, width: 10, height: 10 }),
      text(LEFT + i * 110 + 15, 38, name),
    ]),
    ...x.ticks.flatMap((value) => [
      line(value === 1 ? "axis" : "grid", x(value), TOP - 6, x(value), height - BOTTOM),
      text(x(value), TOP - 10, `${value}×`, "middle"),
    ]),
    ...parts,
  ]);
}
