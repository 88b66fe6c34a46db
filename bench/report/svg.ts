/**
 * The common parts of all charts: elements, colors that are distinguishable on light and dark pages, logarithmic
 * scales.
 *
 * @module
 */

/** An element with its attributes and its content, which is markup already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content = ""): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? rounded(value) : escaped(value)}"`).join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A piece of text; `anchor` is the point of it that is at `x`. */
export function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end" = "start"): string {
  return element("text", { x, y, "text-anchor": anchor }, escaped(content));
}

/** A straight line of a class of {@link STYLE}. */
export function line(kind: "grid" | "axis", x1: number, y1: number, x2: number, y2: number): string {
  return element("line", { class: kind, x1, y1, x2, y2 });
}

/** The whole picture, and what it shows for those who cannot see it. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const content = [element("title", {}, escaped(title)), element("style", {}, STYLE), ...parts].join("\n");
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
  };
  return `${element("svg", attributes, `\n${content}\n`)}\n`;
}

/** Classes `s0` to `s4` are the colors of the compared parties; the background of the page is not changed. */
const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#57606a}",
  ".grid{stroke:#8b949e;stroke-opacity:.25}.axis{stroke:#8b949e}",
  ".line{fill:none;stroke-width:2}.dashed{stroke-dasharray:6 4}",
  ...["#2f6fde", "#d9822b", "#2da44e", "#d1435b", "#8250df"].map((color, i) => `.s${i}{stroke:${color};fill:${color}}`),
  "path.line{fill:none}rect,text{stroke:none}",
  "@media(prefers-color-scheme:dark){text{fill:#9da7b1}}",
].join("");

/** Where values lie between two ends, each step of the same factor being of the same length. */
export interface LogScale {
  (value: number): number;
  /** Round values within the scale. */
  readonly ticks: readonly number[];
}

/** A scale for values of which the least and the greatest are given; its ends are the next round values. */
export function logScale(least: number, greatest: number, from: number, to: number): LogScale {
  const low = roundDown(least);
  const high = roundUp(Math.max(greatest, low * 1.01));
  const at = (value: number) => from + (to - from) * Math.log(value / low) / Math.log(high / low);
  return Object.assign(at, { ticks: roundValues(low, high) });
}

const STEPS = [1, 2, 5];
/** With more ticks than this, only powers of ten are drawn. */
const MOST_TICKS = 8;

function roundValues(low: number, high: number): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    values.push(...STEPS.map((step) => Number(`${step}e${power}`)).filter((value) => value >= low && value <= high));
  }
  return values.length <= MOST_TICKS ? values : values.filter((value) => Number.isInteger(Math.log10(value)));
}

function roundDown(value: number): number {
  const power = Math.floor(Math.log10(value));
  return Math.max(...STEPS.map((step) => Number(`${step}e${power}`)).filter((round) => round <= value));
}

function roundUp(value: number): number {
  const power = Math.floor(Math.log10(value));
  return Math.min(...[...STEPS, 10].map((step) => Number(`${step}e${power}`)).filter((round) => round >= value));
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
