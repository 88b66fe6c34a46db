/**
 * Measures this library on each runtime beside zeromq.js, in one run: `npm run bench -- [--quick] [--rounds N]
 * [--runtime deno|bun|node]… [--case push-pull|req-rep|raw|codec]… [--profile FOLDER]`.
 *
 * Every figure comes from two fresh processes over loopback. A round goes through all parties before the next one
 * starts, so that a machine that is busy for a while is busy for all of them.
 *
 * @module
 */

import { cpus } from "node:os";
import { resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import type { BenchCase, Timing } from "./case.ts";
import { CASES } from "./cases/mod.ts";
import { codecTable } from "./codec.ts";
import { measure } from "./measure.ts";
import { PARTY_NAMES, type PartyName } from "./peers/party.ts";
import { profileTables } from "./profile.ts";
import { BASELINE, Results, resultTable } from "./results.ts";

const FULL: Timing = { warmup: 500, window: 1000 };
const QUICK: Timing = { warmup: 150, window: 250 };
const CODEC = "codec";

interface Selection {
  readonly cases: readonly BenchCase[];
  readonly codec: boolean;
  /** With the baseline. */
  readonly parties: readonly PartyName[];
  readonly rounds: number;
  readonly timing: Timing;
  /** Where to write CPU profiles, of which the tables are printed. Figures are lower then. */
  readonly profiles: string | undefined;
}

function parseSelection(args: string[]): Selection {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      runtime: { type: "string", multiple: true, default: [] },
      case: { type: "string", multiple: true, default: [] },
      profile: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`Cannot use --rounds ${values.rounds}`);
  const runtimes = PARTY_NAMES.filter((party) => party !== BASELINE);
  requireKnown("--runtime", values.runtime, runtimes);
  requireKnown("--case", values.case, [...CASES.map(({ id }) => id), CODEC]);
  const wants = (wanted: readonly string[], name: string) => wanted.length === 0 || wanted.includes(name);
  return {
    cases: CASES.filter(({ id }) => wants(values.case, id)),
    codec: wants(values.case, CODEC),
    parties: PARTY_NAMES.filter((party) => party === BASELINE || wants(values.runtime, party)),
    rounds,
    timing: values.quick ? QUICK : FULL,
    profiles: values.profile === undefined ? undefined : resolve(values.profile),
  };
}

function requireKnown(flag: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`Cannot use ${flag} ${unknown}: choose among ${known.join(", ")}`);
}

async function measureAll(
  { cases, parties, rounds, timing }: Selection,
): Promise<{ results: Results; failed: number }> {
  const results = new Results();
  let failed = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const bench of cases) {
      for (const variant of bench.variants) {
        progress(`round ${round} of ${rounds}: ${bench.title} ${variant.name}`);
        for (const party of parties) {
          if (!bench.runs(party, variant)) continue;
          try {
            results.add(bench, variant, party, await measure(bench, variant, party, timing, profiles));
          } catch (error) {
            failed++;
            console.error(`\n${bench.title} ${variant.name} failed: ${(error as Error).message}`);
          }
        }
      }
    }
  }
  progress("");
  return { results, failed };
}

/** One line that is overwritten; nothing where nobody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? "unknown processor"}, ${process.platform} ${process.arch}`;
}

const selection = parseSelection(process.argv.slice(2));
const { cases, codec, parties, rounds, timing, profiles } = selection;
const started = performance.now();
console.log(`${machine()}; ${rounds} rounds of ${timing.window} ms\n`);
if (cases.length > 0) {
  const { results, failed } = await measureAll(selection);
  console.log(`${resultTable(results, cases, parties)}\n`);
  if (failed > 0) process.exitCode = 1;
}
if (codec) console.log(`${codecTable(parties.filter((party) => party !== BASELINE))}\n`);
if (profiles !== undefined) console.log(`${profileTables(profiles)}\n`);
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
