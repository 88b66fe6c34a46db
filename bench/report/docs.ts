/**
 * Updates docs/performance.md with a run: replaces everything between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { installed, ROOT } from "../peers/party.ts";
import { introduce, type SavedRun } from "../saved_run.ts";
import { writeCharts } from "./charts.ts";
import { LEGEND, resultTables } from "./tables.ts";

const PAGE = join(ROOT, "docs", "performance.md");
const CHARTS = join(ROOT, "docs", "charts");

/** Writes the tables and the charts of a run. */
export function updateDocs(run: SavedRun): void {
  rmSync(CHARTS, { recursive: true, force: true });
  const charts = writeCharts(CHARTS, run.rows)
    .map(({ file, title }) => `![${title}](${relative(dirname(PAGE), join(CHARTS, file))})`);
  const sections = {
    run: introduce(run),
    tables: `${LEGEND}\n\n${resultTables(run.rows)}`,
    charts: charts.join("\n\n"),
  };
  let page = readFileSync(PAGE, "utf8");
  for (const [name, content] of Object.entries(sections)) page = replaceSection(page, name, content);
  writeFileSync(PAGE, page);
  execFileSync(installed("deno"), ["fmt", "--quiet", PAGE, CHARTS], { cwd: ROOT });
}

/** Replaces what stands between the two comments of a section. */
export function replaceSection(page: string, name: string, content: string): string {
  const start = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`Cannot update the page: it has no ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${content}\n\n${page.slice(to)}`;
}
