/**
 * Costs of a publisher for the thread that sends, with and without threads for its subscribers: CPU time per message and the delay of
 * timers at a rate that this machine can serve, and the number of messages that all subscribers together receive when it sends as
 * fast as it can (`noDrop`). The subscribers are in another process.
 *
 * Run with `bun bench/threads/publisher.ts [ROUNDS]`, `deno run -A bench/threads/publisher.ts`, or, on a Node that has
 * `capability.reusePort`, `npx tsx bench/threads/publisher.ts`. Linux only: the CPU time of a thread is read from `/proc`.
 *
 * @module
 */

import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type ContextPort, Publisher } from "../../mod.ts";
import { runtime } from "../../transports/shared/runtime.ts";

const ROUNDS = Number(process.argv[2] ?? 3);
const COUNTS = [1, 8, 64, 512];
const THREADS = [0, 2];
/** Messages that are sent every 10 ms at the fixed rate. */
const PER_TICK = 5;
/** Time of a measurement, in ms. */
const TIME = 2000;

const cache = fileURLToPath(new URL("../../node_modules/.cache/", import.meta.url));
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "publisher-"));
const programs = [new URL("publisher_worker.ts", import.meta.url), new URL("subscribers.ts", import.meta.url)];
await build({
  entryPoints: programs.map((url) => fileURLToPath(url)),
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
});

interface Result {
  /** CPU time of the calling thread per message, in µs. */
  readonly cpu: number;
  /** The 99th percentile of how late a timer was, in ms. */
  readonly delay: number;
  /** Messages per second, of all subscribers together. */
  readonly throughput: number;
}

/** CPU time of the main thread so far, in ns. */
function threadTime(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]);
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(threads: number, subscribers: number): Promise<Result> {
  const start = (port: ContextPort) =>
    new Worker(join(folder, "publisher_worker.mjs"), { workerData: port, transferList: [port as never] });
  const publisher = new Publisher({
    noDrop: true,
    linger: 0,
    threads: threads === 0 ? null : { count: threads, start },
  });
  const endpoint = await publisher.bind("tcp://127.0.0.1:0");
  const args = runtime() === "deno" ? ["run", "-A"] : [];
  const child = spawn(process.execPath, [...args, join(folder, "subscribers.mjs"), endpoint, `${subscribers}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const received = async () => {
    child.stdin.write("\n");
    return Number((await lines.next()).value);
  };
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await publisher.waitForSubscribers(subscribers);
  const body = new Uint8Array(64);

  // As fast as it can.
  const flood = async (ms: number) => {
    for (const end = performance.now() + ms; performance.now() < end;) await publisher.send(body);
  };
  await flood(TIME / 4);
  const [from, since] = [await received(), performance.now()];
  await flood(TIME);
  const throughput = (await received() - from) / (performance.now() - since) * 1000;

  // At a fixed rate; the timers alone cost something, too.
  let late: number[] = [];
  const tick = async (ms: number, perTick: number) => {
    late = [];
    const [before, end] = [threadTime(), performance.now() + ms];
    for (let due = performance.now() + 10; due < end; due += 10) {
      await wait(Math.max(0, due - performance.now()));
      late.push(Math.max(0, performance.now() - due));
      for (let i = 0; i < perTick; i++) await publisher.send(body);
    }
    return (threadTime() - before) / late.length;
  };
  // Until the queues are empty.
  await tick(TIME / 4, PER_TICK);
  const idle = await tick(TIME / 2, 0);
  const cpu = (await tick(TIME, PER_TICK) - idle) / PER_TICK / 1000;
  const delay = late.sort((a, b) => a - b)[Math.floor(late.length * 0.99)]!;
  child.kill("SIGKILL");
  await exited;
  await publisher.close();
  return { cpu, delay, throughput };
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

console.log(`${runtime()} ${process.version}, ${ROUNDS} rounds of ${TIME} ms, medians`);
for (const subscribers of COUNTS) {
  const results = new Map<number, Result[]>(THREADS.map((threads) => [threads, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const threads of THREADS) results.get(threads)!.push(await measure(threads, subscribers));
  }
  for (const [threads, list] of results) {
    const [cpu, delay, throughput] = (["cpu", "delay", "throughput"] as const).map((key) =>
      median(list.map((result) => result[key]))
    );
    console.log(
      `${subscribers} subscribers, ${threads} threads: ${cpu!.toFixed(1)} µs/message, timers p99 ${
        delay!.toFixed(1)
      } ms, ` +
        `${Math.round(throughput! / 1000)} k/s received`,
    );
  }
}
rmSync(folder, { recursive: true });
process.exit();
