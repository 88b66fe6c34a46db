/**
 * Two threads of one process: PUSH → PULL and REQ ↔ REP over a shared context's inproc and over tcp, alternately. Prints medians, and the
 * ratio.
 *
 * Run with `bun bench/threads/main.ts`, `deno run -A bench/threads/main.ts`, or on Node `npx tsx bench/threads/main.ts`.
 *
 * @module
 */

import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Context, Pull, Request } from "../../mod.ts";
import { runtime } from "../../transports/shared/runtime.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url)), "threads-"));
const program = join(folder, "worker.mjs");
await build({
  entryPoints: [fileURLToPath(new URL("worker.ts", import.meta.url))],
  outfile: program,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
});

const root = new Context();
let made = 0;

/** Messages per second. */
async function throughput(
  transport: "inproc" | "tcp",
  task: string,
  size: number,
  count: number,
): Promise<number[]> {
  await using pull = new Pull({ context: root });
  const endpoint = await pull.bind(transport === "tcp" ? "tcp://127.0.0.1:0" : `inproc://bench-${made++}`);
  const port = root.share();
  const worker = new Worker(program, {
    workerData: { port, task, endpoint, size, count },
    transferList: [port as never],
  });
  await new Promise((resolve) => worker.once("message", resolve));
  const start = performance.now();
  const used = process.cpuUsage();
  worker.postMessage("go");
  if (task === "batch") {
    let left = count;
    for await (const batch of pull.batches()) if ((left -= batch.length) <= 0) break;
  } else for (let i = 0; i < count; i++) await pull.receive();
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  await worker.terminate();
  return [count / time * 1000, (user + system) / count * 1000];
}

/** The median of a round trip, in µs. */
async function roundTrip(transport: "inproc" | "tcp", count: number): Promise<number[]> {
  await using request = new Request({ context: root });
  const endpoint = await request.bind(transport === "tcp" ? "tcp://127.0.0.1:0" : `inproc://bench-${made++}`);
  const port = root.share();
  const worker = new Worker(program, {
    workerData: { port, task: "echo", endpoint, size: 0, count },
    transferList: [port as never],
  });
  await request.waitForPeers(1);
  const body = new Uint8Array(64);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await request.send(body);
    await request.receive();
    times.push(performance.now() - start);
  }
  await worker.terminate();
  return [median(times.slice(count >> 2)) * 1000];
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

const CASES = [
  ["64 B batch, msgs/s", (t) => throughput(t, "batch", 64, 1_000_000)],
  ["64 B await, msgs/s", (t) => throughput(t, "await", 64, 500_000)],
  ["16 KiB await, msgs/s", (t) => throughput(t, "await", 16_384, 40_000)],
  ["1 MiB await, msgs/s", (t) => throughput(t, "await", 1 << 20, 1000)],
  ["round trip p50, µs", (t) => roundTrip(t, 4000)],
] satisfies [string, (transport: "inproc" | "tcp") => Promise<number[]>][];

for (const [title, measure] of CASES) {
  const [inproc, tcp]: number[][][] = [[], []];
  for (let i = 0; i < ROUNDS; i++) {
    inproc!.push(await measure("inproc"));
    tcp!.push(await measure("tcp"));
  }
  for (const [i, unit] of [title, "CPU time of both threads, ns per message"].entries()) {
    const [a, b] = [inproc!, tcp!].map((runs) => median(runs.map((run) => run[i]!)));
    if (a === undefined || b === undefined) break;
    console.log(`${runtime()} ${unit}: inproc ${Math.round(a)}, tcp ${Math.round(b)}, ratio ${(a / b).toFixed(2)}`);
  }
}
rmSync(folder, { recursive: true });
process.exit();
