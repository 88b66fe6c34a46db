/**
 * Two threads of one process: PUSH → PULL, PUB → SUB and REQ ↔ REP over a shared context's inproc and over tcp, alternately with the
 * inproc of libzmq (a C program, compiled here) and of zeromq.js (on Node). Prints medians, and ratios.
 *
 * Run with `bun bench/threads/main.ts`, `deno run -A bench/threads/main.ts`, or on Node `npx tsx bench/threads/main.ts`; then the number
 * of rounds (5), a part of the names of cases, and by what to multiply the numbers of messages.
 *
 * @module
 */

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Context, Pull, Request, Subscriber } from "../../mod.ts";
import { runtime } from "../../transports/shared/runtime.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const ONLY = process.argv[3] ?? "";
const SCALE = Number(process.argv[4] ?? 1);
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
  messages: number,
): Promise<number[]> {
  const count = Math.ceil(messages * SCALE);
  await using pull = task === "publish" ? new Subscriber({ context: root }) : new Pull({ context: root });
  if (pull instanceof Subscriber) pull.subscribe("");
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
async function roundTrip(transport: "inproc" | "tcp", trips: number): Promise<number[]> {
  const count = Math.ceil(trips * SCALE);
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

const PEERS = fileURLToPath(new URL("peers/", import.meta.url));
const c = join(folder, "libzmq");
const compiled = spawnSync("cc", ["-std=gnu11", "-O2", "-o", c, join(PEERS, "libzmq.c"), "-lzmq", "-lpthread"]);
if (compiled.status !== 0) console.log("libzmq is not measured: there is no C compiler, or no zmq.h (libzmq3-dev)");

/** The commands of the peers, by their names. */
const LIBRARIES: Record<string, string[]> = process.env["NO_PEERS"] !== undefined ? {} : {
  ...compiled.status === 0 && { libzmq: [c] },
  "zeromq.js": ["node", join(PEERS, "zeromq_js.mjs")],
};

/** The results of a peer: none if it fails, as zeromq.js does sometimes when it ends. */
function peer([command, ...args]: readonly string[], task: readonly string[]): number[] {
  const { stdout } = spawnSync(command!, [...args, ...task], { encoding: "utf8", timeout: 60_000 });
  const value = Number.parseFloat(stdout);
  return Number.isFinite(value) ? [value] : [];
}

const CASES = [
  ["64 B batch, msgs/s", (t) => throughput(t, "batch", 64, 2_000_000), "push 64"],
  ["64 B await, msgs/s", (t) => throughput(t, "await", 64, 1_000_000), "push 64"],
  ["1 KiB await, msgs/s", (t) => throughput(t, "await", 1024, 300_000), "push 1024"],
  ["16 KiB await, msgs/s", (t) => throughput(t, "await", 16_384, 40_000), "push 16384"],
  ["1 MiB await, msgs/s", (t) => throughput(t, "await", 1 << 20, 1000), "push 1048576"],
  ["64 B PUB → SUB, msgs/s", (t) => throughput(t, "publish", 64, 1_000_000), "pub 64"],
  ["round trip p50, µs", (t) => roundTrip(t, 4000), "trip 64"],
] satisfies [string, (transport: "inproc" | "tcp") => Promise<number[]>, string][];

/** Messages that a peer sends, by the size of a message and the library. */
const COUNT: Readonly<Record<string, readonly [libzmq: number, zeromqJs: number]>> = {
  "push 64": [1_000_000, 100_000],
  "push 1024": [500_000, 60_000],
  "push 16384": [60_000, 20_000],
  "push 1048576": [1000, 1000],
  "pub 64": [500_000, 0],
  "trip 64": [4000, 3000],
};

for (const [title, measure, task] of CASES.filter(([title]) => title.includes(ONLY))) {
  const [inproc, tcp]: number[][][] = [[], []];
  const peers: Record<string, number[]> = {};
  // So that no transport pays for the compilation of this thread.
  for (const transport of ["inproc", "tcp"] as const) await measure(transport);
  for (let i = 0; i < ROUNDS; i++) {
    inproc!.push(await measure("inproc"));
    tcp!.push(await measure("tcp"));
    for (const [name, command] of Object.entries(LIBRARIES)) {
      const count = COUNT[task]![name === "libzmq" ? 0 : 1];
      if (count > 0) (peers[name] ??= []).push(...peer(command, [...task.split(" "), `${Math.ceil(count * SCALE)}`]));
    }
  }
  for (const [name, values] of Object.entries(peers)) {
    if (values.length === 0) continue;
    const [ours, theirs] = [median(inproc!.map(([value]) => value!)), median(values)];
    console.log(`${runtime()} ${title}: ${name} ${Math.round(theirs)}, ratio ${(ours / theirs).toFixed(2)}`);
  }
  for (const [i, unit] of [title, "CPU time of both threads, ns per message"].entries()) {
    const [a, b] = [inproc!, tcp!].map((runs) => median(runs.map((run) => run[i]!)));
    if (a === undefined || b === undefined) break;
    console.log(`${runtime()} ${unit}: inproc ${Math.round(a)}, tcp ${Math.round(b)}, ratio ${(a / b).toFixed(2)}`);
  }
}
rmSync(folder, { recursive: true });
process.exit();
