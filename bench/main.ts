/**
 * `npm run bench`: measures this library on each runtime, zeromq.js, and libzmq in C in one run, or prints the report
 * of a saved run. Options: `options.ts` and docs/performance.md.
 *
 * Every figure comes from fresh processes over loopback.
 *
 * @module
 */

import process from "node:process";
import type { BenchCase } from "./case.ts";
import { changeSummary, changeTables } from "./report/change_tables.ts";
import { compareRuns } from "./compare.ts";
import { measureInProcess } from "./in_process/measure.ts";
import { parseSelection, type Selection } from "./options.ts";
import { compileLibzmq, libzmqHas } from "./peers/libzmq.ts";
import { takesPart } from "./parties.ts";
import { writeCharts } from "./report/charts.ts";
import { updateDocs } from "./report/docs.ts";
import { profileTables } from "./report/profile.ts";
import { LEGEND, resultTables } from "./report/tables.ts";
import { runCases } from "./run.ts";
import { describeRun, introduce, loadRun, type SavedRun, saveRun } from "./saved_run.ts";

async function measureAll(args: readonly string[], selection: Selection): Promise<SavedRun> {
  const wantsLibzmq = selection.cases.length > 0 && selection.parties.some((party) => takesPart(party, "libzmq"));
  const libzmq = wantsLibzmq ? compileLibzmq() : { missing: "nobody asked for it" };
  const missing = "missing" in libzmq;
  if (wantsLibzmq && missing) console.log(`libzmq in C is left out: ${libzmq.missing}.\n`);
  const present = selection.parties.filter((party) => !missing || !takesPart(party, "libzmq"));

  const cases = selection.cases.map((bench): BenchCase => {
    const { needs, program, title } = bench;
    if (missing || needs === undefined || libzmqHas(needs)) return bench;
    console.log(`libzmq in C is left out of ${title}: it is built without ${needs}.\n`);
    return { ...bench, program: { server: program.server, client: program.client } };
  });

  const about = describeRun(args, selection.rounds, missing ? undefined : libzmq.version);
  console.log(`${introduce(about)}\n`);
  const { results, failed } = await runCases({ ...selection, cases, parties: present });
  if (failed > 0) process.exitCode = 1;
  if (selection.inProcess) measureInProcess(results, selection.runtimes, selection.quick);
  return { ...about, rows: results.rows };
}

const args = process.argv.slice(2);
const selection = parseSelection(args);
const { charts, compare, docs, load, profiles, save } = selection;
// Read before anything is measured, so that a wrong name fails immediately.
const saved = compare === undefined ? undefined : loadRun(compare);
const started = performance.now();

const run = load === undefined ? await measureAll(args, selection) : loadRun(load);
if (load !== undefined) console.log(`${introduce(run)}\n`);
if (save !== undefined) saveRun(save, run);
console.log(`${LEGEND}\n\n${resultTables(run.rows)}\n`);
if (saved !== undefined) {
  const changes = compareRuns(saved.rows, run.rows);
  console.log(`Compared with ${introduce(saved)}\n\n${changeTables(changes)}\n\n${changeSummary(changes)}\n`);
}
if (profiles !== undefined) console.log(`${profileTables(profiles)}\n`);
if (charts !== undefined) writeCharts(charts, run.rows);
if (docs) updateDocs(run);
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
