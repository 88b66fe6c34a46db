/**
 * Plays seeds on this runtime; started by `npm run simulate` (`scripts/simulate.ts`), which explains the arguments.
 *
 * @module
 */

import process from "node:process";
import { KEPT } from "./kept.ts";
import { type Plan, planOf } from "./plan.ts";
import type { Outcome } from "./play.ts";
import { Simulator } from "./simulator.ts";
import { Trace } from "./trace.ts";

const PROGRESS_EVERY = 10_000;
const HOUR = 3_600_000;
const [from, count, minutes] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const mode = process.argv[5];

const simulator = await Simulator.open();
const started = performance.now();
const cpu = process.cpuUsage();
let played = 0;
let failed = 0;
let events = 0;
let time = 0;

function report(): string {
  const { user, system } = process.cpuUsage(cpu);
  // CPU time does not depend on other programs of the machine.
  const seconds = (user + system) / 1_000_000;
  const rate = (played / seconds).toFixed(0);
  const hours = (time / HOUR / seconds).toFixed(1);
  return `${played} seeds, ${failed} failed; per second of CPU time ${rate} seeds and ${hours} simulated hours; ` +
    `${(events / Math.max(1, played)).toFixed(0)} events per seed`;
}

async function failure(name: string, plan: Plan, { violation }: Outcome): Promise<void> {
  failed++;
  console.log(`${name} failed: ${violation!.message}`);
  if (mode === "quick" || mode === "all") return;
  const shorter = await simulator.shrink(plan, violation!);
  const trace = new Trace("lines");
  const again = await simulator.play(shorter, trace);
  console.log(`shrunk: ${JSON.stringify(shorter)}`);
  for (const line of trace.lines!) console.log(`  ${line}`);
  console.log(`  ${again.violation?.message}`);
}

async function one(name: string, plan: Plan): Promise<void> {
  const trace = new Trace(mode === "trace" ? "lines" : mode === "digest" ? "hash" : "nothing");
  const outcome = await simulator.play(plan, trace);
  played++;
  events += outcome.events;
  time += outcome.time;
  if (mode === "trace") {
    console.log(JSON.stringify(plan));
    for (const line of trace.lines!) console.log(line);
  }
  if (mode === "digest") {
    console.log(`${name} ${trace.hash} ${trace.count} ${outcome.violation?.invariant ?? "passed"}`);
  }
  if (outcome.violation !== undefined) await failure(name, plan, outcome);
}

if (mode === "kept") { for (const { why, plan } of KEPT) await one(`kept "${why}"`, plan); }
const end = minutes > 0 ? started + minutes * 60_000 : Infinity;
let told = started;
for (let seed = from; seed < from + count && performance.now() < end; seed++) {
  await one(`seed ${seed}`, planOf(seed));
  if (failed >= 20 && mode !== "all") break;
  if (mode === "quick" && failed > 0) break;
  if (mode === "digest" || performance.now() - told < PROGRESS_EVERY) continue;
  told = performance.now();
  console.error(`${report()}; next seed ${seed + 1}`);
}
simulator.close();
if (mode !== "digest") console.log(report());
process.exit(failed === 0 ? 0 : 1);
