/**
 * `npm run attack`: floods a server of this library on each runtime, and one of libzmq, and measures the effect on an
 * honest peer and on a timer of the server. docs/security.md lists the options and quotes the figures.
 *
 * Every figure comes from fresh processes over loopback.
 *
 * @module
 */

import process from "node:process";
import type { PartyName } from "../peers/party.ts";
import { markdownTable, short } from "../report/table.ts";
import type { Attack, Harm } from "./attack.ts";
import { parseSelection } from "./options.ts";
import { run } from "./run.ts";

interface Row extends Harm {
  readonly id: string;
  readonly party: PartyName;
}

const TITLES: Readonly<Record<PartyName, string>> = { deno: "Deno", bun: "Bun", node: "Node", "zeromq.js": "libzmq" };

const HEAD = [
  "Attack, server",
  "Round trip p50, ms",
  "p99",
  "slowest",
  "Round trips/s, 100 in flight",
  "Timer late p99, ms",
  "most",
  "Memory at most, MB",
  "growth",
  "Flood/s",
];

function table(attacks: readonly Attack[], rows: readonly Row[]): string {
  return markdownTable(
    HEAD,
    rows.map((row) => {
      const { title, unit } = attacks.find(({ id }) => id === row.id)!;
      return [
        `${title}, ${TITLES[row.party]}`,
        ...[row.p50, row.p99, row.slowest, row.rate, row.lagP99, row.lagMax, row.peak / 1e6, row.growth / 1e6].map(
          short,
        ),
        unit === "" ? "" : `${short(row.flood)} ${unit}`,
      ];
    }),
  );
}

const { attacks, parties, ms, json } = parseSelection(process.argv.slice(2));
const rows: Row[] = [];
for (const attack of attacks) {
  for (const party of parties) {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${attack.title}: ${TITLES[party]}`);
    try {
      rows.push({ id: attack.id, party, ...await run(attack, party, ms) });
    } catch (error) {
      process.exitCode = 1;
      console.error(`${attack.title} failed on ${TITLES[party]}: ${(error as Error).message}`);
    }
  }
}
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
console.log(json ? JSON.stringify(rows) : table(attacks, rows));
