/**
 * `npm run demo`: this library on Deno, Bun and Node, and the real libzmq, exchange messages in three patterns. Every
 * message is verified byte by byte; the exit code is 0 only if all of them arrived.
 *
 * Hand-written: it is an example with several runtimes in it, not a tool; the processes of the benchmark take part.
 *
 * @module
 */

import process from "node:process";
import { killAll } from "../bench/peers/child.ts";
import { PARTY_NAMES, type PartyName } from "../bench/peers/party.ts";
import { short } from "../bench/report/table.ts";
import { Cast } from "./demo/cast.ts";
import { PATTERNS } from "./demo/roles.ts";
import { COUNTS, type Outcome, play } from "./demo/scene.ts";

const DEADLINE = 58_000;
const PAIR_WIDTH = 17;
const CELL_WIDTH = 11;

/** Every pair of which at least one is ours. */
function pairs(): [from: PartyName, to: PartyName][] {
  return PARTY_NAMES.flatMap((from) => PARTY_NAMES.map((to): [PartyName, PartyName] => [from, to]))
    .filter((pair) => pair.some((party) => party !== "zeromq.js"));
}

function line(pair: string, cells: readonly string[]): string {
  return `  ${pair.padEnd(PAIR_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join("")}`;
}

function rule(): string {
  return `  ${"─".repeat(PAIR_WIDTH + PATTERNS.length * CELL_WIDTH)}`;
}

function cellOf({ failure, rate }: Outcome): string {
  return failure === undefined ? short(rate) : "FAILED";
}

async function perform(): Promise<boolean> {
  const cast = new Cast();
  console.log(`\nPeers: ${(await cast.start()).join(", ")}.`);
  console.log(
    "Each pair exchanges messages over tcp, between two processes. Messages per second; REQ/REP: round trips per second.\n",
  );
  console.log(line("from → to", PATTERNS));
  console.log(rule());

  const failures: string[] = [];
  let arrived = 0;
  for (const [from, to] of pairs()) {
    const outcomes: Outcome[] = [];
    for (const pattern of PATTERNS) {
      const outcome = await play(cast, pattern, from, to);
      outcomes.push(outcome);
      arrived += outcome.arrived;
      if (outcome.failure !== undefined) failures.push(`${from} → ${to}, ${pattern}: ${outcome.failure}`);
    }
    console.log(line(`${from} → ${to}`, outcomes.map(cellOf)));
  }

  console.log(rule());
  const expected = pairs().length * PATTERNS.reduce((sum, pattern) => sum + COUNTS[pattern], 0);
  const group = (number: number) => number.toLocaleString("en");
  console.log(
    `\n${group(arrived)} of ${group(expected)} messages arrived, in order and unchanged.`,
  );
  for (const failure of failures) console.log(`FAILED ${failure}`);
  return failures.length === 0 && arrived === expected;
}

const started = performance.now();
setTimeout(() => {
  console.log(`FAILED: not done within ${DEADLINE / 1000} s`);
  process.exit(1);
}, DEADLINE).unref();

try {
  if (!await perform()) process.exitCode = 1;
} catch (error) {
  console.log(`FAILED: ${(error as Error).message}`);
  process.exitCode = 1;
}
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
killAll();
