/**
 * `npm run guard -- OLD_TREE [--rounds N] [--runtime R]`: compares CPU time per message of this tree and another one,
 * in one run that alternates between them. OLD_TREE is a checkout with its `node_modules` (`git worktree add`, then
 * `npm ci`).
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const RUNTIMES = ["deno", "bun", "node"] as const;
const HERE = fileURLToPath(new URL("../../", import.meta.url));
const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
const TIMEOUT = 120_000;

function command(runtime: string, tree: string): [command: string, ...args: string[]] {
  const bin = `${tree}/node_modules/.bin`;
  if (runtime === "bun") return [`${bin}/bun`, WORKER, tree];
  if (runtime === "node") return [`${bin}/tsx`, WORKER, tree];
  const flags = ["run", "--allow-all", "--no-check", "--import-map", `${tree}/tests/support/import_map.json`];
  return [`${bin}/deno`, ...flags, WORKER, tree];
}

function measure(runtime: string, tree: string): Record<string, number> {
  const [program, ...args] = command(runtime, tree);
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: tree, encoding: "utf8", timeout: TIMEOUT });
  if (status !== 0) throw new Error(`The worker on ${runtime} in ${tree} failed: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "9" }, runtime: { type: "string", multiple: true } },
});
const [old] = positionals;
const rounds = Number(values.rounds);
const runtimes = values.runtime ?? RUNTIMES;
if (
  old === undefined || !(rounds >= 1) || !runtimes.every((runtime) => (RUNTIMES as readonly string[]).includes(runtime))
) {
  console.error("Usage: npm run guard -- OLD_TREE [--rounds N] [--runtime deno|bun|node]");
  process.exit(2);
}

const trees = { old: resolve(old), new: HERE.replace(/\/$/, "") };
for (const runtime of runtimes) {
  const figures: Record<keyof typeof trees, Record<string, number>[]> = { old: [], new: [] };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ["old", "new"] as const : ["new", "old"] as const;
    for (const name of order) figures[name].push(measure(runtime, trees[name]));
  }
  for (const name of Object.keys(figures.new[0]!)) {
    const [before, after] = [figures.old, figures.new].map((runs) => runs.map((run) => run[name]!));
    const [from, to] = [median(before!), median(after!)];
    // Other processes on the machine can only add time: on a busy one the lowest figures say more.
    const lowest = (Math.min(...after!) / Math.min(...before!)).toFixed(3);
    console.log(
      `${runtime.padEnd(5)} ${name.padEnd(13)} ${from.toFixed(0).padStart(7)} → ${to.toFixed(0)} ns: ` +
        `${(to / from).toFixed(3)}, of the lowest ${lowest}`,
    );
  }
}
