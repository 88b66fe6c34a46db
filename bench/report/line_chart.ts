/**
 * A curve for each party: a figure against a size or a number, both on logarithmic scales.
 *
 * @module
 */

import { element, line, logScale, picture, text } from "./svg.ts";
import { short } from "./table.ts";

/** One curve. */
export interface Curve {
  readonly name: string;
  /** The index of its color. */
  readonly color: number;
  readonly dashed: boolean;
  readonly points: readonly Point[];
}

/** One place on a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** The label of `x` on the axis. */
  readonly tick: string;
}

/** The contents of a chart. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 64;
const RIGHT = 190;
const TOP = 48;
const BOTTOM = 52;
const LEGEND_LINE = 20;

/** Draws a chart. */
export function lineChart({ title, xLabel, yLabel, curves }: LineChart): string {
  const points = curves.flatMap((curve) => curve.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const ys = points.map(({ y }) => y);
  const right = WIDTH - RIGHT;
  const bottom = HEIGHT - BOTTOM;
  const x = logScale(xs[0]!, xs.at(-1)!, LEFT, right);
  const y = logScale(Math.min(...ys), Math.max(...ys), bottom, TOP);
  return picture(WIDTH, HEIGHT, `${title}: ${yLabel} by ${xLabel}`, [
    text(LEFT, 20, `${title}, ${yLabel}`),
    ...y.ticks.flatMap((value) => [
      line("grid", LEFT, y(value), right, y(value)),
      text(LEFT - 6, y(value) + 4, tick(value), "end"),
    ]),
    // Ticks at the measured values, not at round numbers.
    ...xs.map((value) => text(x(value), bottom + 18, points.find((point) => point.x === value)!.tick, "middle")),
    line("axis", LEFT, bottom, right, bottom),
    text((LEFT + right) / 2, HEIGHT - 10, xLabel, "middle"),
    ...curves.flatMap((curve, i) => [
      ...drawn(curve, x, y),
      ...legend(curve, right + 16, TOP + i * LEGEND_LINE),
    ]),
  ]);
}

function drawn(
  { points, color, dashed }: Curve,
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const places = points.map((point) => ({ cx: x(point.x), cy: y(point.y) }));
  const path = places.map(({ cx, cy }, i) => `${i === 0 ? "M" : "L"}${cx.toFixed(1)} ${cy.toFixed(1)}`).join("");
  return [
    element("path", { class: lineClass(color, dashed), d: path }),
    ...places.map(({ cx, cy }) => element("circle", { class: `s${color}`, cx, cy, r: 2.5 })),
  ];
}

function legend({ name, color, dashed }: Curve, x: number, y: number): string[] {
  return [
    element("path", { class: lineClass(color, dashed), d: `M${x} ${y - 4}h24` }),
    text(x + 30, y, name),
  ];
}

function lineClass(color: number, dashed: boolean): string {
  return `line s${color}${dashed ? " dashed" : ""}`;
}

function tick(value: number): string {
  return short(value).replace(/\.0*(?= |$)/, "");
}
