// A process of its own: it starts other programs, and takes long.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Attack, Harm } from "../../../bench/attack/attack.ts";
import { ATTACKS } from "../../../bench/attack/cases/mod.ts";
import { parseSelection } from "../../../bench/attack/options.ts";
import { run as attack } from "../../../bench/attack/run.ts";
import type { PartyName } from "../../../bench/peers/party.ts";
import { installed, run } from "../../../scripts/gate/process.ts";
import { test } from "../../support/harness.ts";

/** In ms. The first is enough for a few round trips, except on a busy machine. */
const LENGTHS = [200, 1000, 5000];

/** Attacks for longer, if one part or another of it had no turn. */
async function attackedLongEnough(one: Attack, party: PartyName, floods: boolean): Promise<Harm> {
  for (const ms of LENGTHS) {
    const harm = await attack(one, party, ms);
    if (Object.values(harm).every(Number.isFinite) && (!floods || harm.flood > 0)) return harm;
  }
  throw new Error(`${one.id} yields no figures within ${LENGTHS.at(-1)} ms`);
}

function assertMeasured(harm: Harm): void {
  const { p50, p99, slowest, rate, lagP99, lagMax, peak, growth, flood } = harm;
  assert([p50, p99, slowest, rate, lagP99, lagMax, peak, growth, flood].every(Number.isFinite), JSON.stringify(harm));
  assert(0 < p50 && p50 <= p99 && p99 <= slowest && lagP99 <= lagMax && 0 < peak, JSON.stringify(harm));
}

for (const one of ATTACKS) {
  test(`attack: ${one.id} floods a server, and yields figures`, async () => {
    const floods = one.id !== "none" && one.id !== "large-sealed-frame";
    // One message of 64 MiB is not encrypted in that time on every machine.
    assertMeasured(await attackedLongEnough(one, "bun", floods));
  }, { timeout: 80_000 });
}

test("attack: libzmq is attacked in the same way", async () => {
  const pings = ATTACKS.find(({ id }) => id === "pings")!;
  assertMeasured(await attackedLongEnough(pings, "zeromq.js", true));
}, { timeout: 80_000 });

test("attack: the command prints a row per attack and server", async () => {
  const args = ["bench/attack/main.ts", "--case", "none", "--runtime", "node", "--alone", "--seconds", "0.2"];
  const json = await run(installed("tsx"), [...args, "--json"], { timeout: 150_000 });
  assertEquals(json.code, 0, json.output);
  const rows = JSON.parse(json.output) as (Harm & { id: string; party: string })[];
  assertEquals(rows.map(({ id, party }) => [id, party]), [["none", "node"]]);
  assertMeasured(rows[0]!);
  const { output } = await run(installed("tsx"), args, { timeout: 150_000 });
  assert(/^\| none, Node +\|( +[\d.]+( k| M)? \|){8} +\|$/m.test(output), output);
}, { timeout: 120_000 });

test("attack: its command line accepts known cases and runtimes only", () => {
  const all = parseSelection([]);
  assertEquals([all.attacks.length, all.parties, all.ms, all.json], [
    ATTACKS.length,
    ["deno", "bun", "node", "zeromq.js"],
    2000,
    false,
  ]);
  const some = parseSelection(["--case", "pings", "--runtime", "bun", "--alone", "--quick", "--json"]);
  assertEquals([some.attacks.map(({ id }) => id), some.parties, some.ms, some.json], [["pings"], ["bun"], 500, true]);
  assertEquals(parseSelection(["--runtime", "all", "--seconds", "3"]).ms, 3000);
  assertThrows(() => parseSelection(["--case", "nothing"]), RangeError, "choose among none, pings");
  assertThrows(() => parseSelection(["--runtime", "zeromq.js"]), RangeError, "choose among deno, bun, node");
  for (const seconds of ["0", "-1", "x", "601"]) {
    assertThrows(() => parseSelection([`--seconds=${seconds}`]), RangeError, `Cannot use --seconds ${seconds}`);
  }
});
