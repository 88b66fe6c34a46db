/**
 * `bench/calls.ts TREE`: prints the CPU time per call in ns of `send`, `receive`, `trySend` and `tryReceive` over inproc, and of a
 * `receive` that waits for each message, with the library of that tree, as JSON. Run two trees alternately, and compare the lowest
 * figures.
 *
 *     npx tsx bench/calls.ts . ; npx tsx bench/calls.ts ../before
 *     npx bun bench/calls.ts .
 *     npx deno run -A --no-check --import-map tests/support/import_map.json bench/calls.ts .
 *
 * @module
 */

import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const LOOPS = 9;
const BATCH = 100;
const BODY = new Uint8Array(64).fill(1);

const tree = resolve(process.argv[2] ?? ".");
const { Pull, Push } = await import(pathToFileURL(`${tree}/mod.ts`).href) as typeof import("../mod.ts");
const pull = new Pull();
const push = new Push();
push.connect(await pull.bind("inproc://calls"));
await push.waitForPeers(1);

async function timed(count: number, work: (count: number) => void | Promise<void>): Promise<number> {
  await work(count);
  let lowest = Infinity;
  for (let i = 0; i < LOOPS; i++) {
    const before = process.cpuUsage();
    await work(count);
    const { user, system } = process.cpuUsage(before);
    lowest = Math.min(lowest, (user + system) * 1000 / count);
  }
  return Math.round(lowest * 10) / 10;
}

function takeAll(): void {
  while (pull.tryReceive() !== undefined);
}

console.log(JSON.stringify({
  "trySend and tryReceive": await timed(100_000, (count) => {
    for (let i = 1; i <= count; i++) {
      push.trySend(BODY);
      if (i % BATCH === 0) takeAll();
    }
  }),
  "send": await timed(50_000, async (count) => {
    for (let i = 1; i <= count; i++) {
      await push.send(BODY);
      if (i % BATCH === 0) takeAll();
    }
  }),
  "send and receive": await timed(50_000, async (count) => {
    for (let i = 0; i < count; i++) {
      void push.send(BODY);
      await pull.receive();
    }
  }),
  "receive that waits": await timed(30_000, async (count) => {
    for (let i = 0; i < count; i++) {
      const received = pull.receive();
      void push.send(BODY);
      await received;
    }
  }),
}));
await push.close();
await pull.close();
