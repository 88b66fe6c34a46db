/**
 * Compares the CPU time per message of two checkouts in one process, in slices of some ms that alternate between them. So a busy
 * machine disturbs both alike: copies of one tree differ by about 2 %, where runs of processes differ by 20. Run it on each runtime:
 * `node --import tsx bench/alternating.ts OLD NEW`, `npx bun bench/alternating.ts OLD NEW` or
 * `npx deno run -A --import-map tests/support/import_map.json bench/alternating.ts OLD NEW`, and again with the trees swapped,
 * because the tree that is loaded second may be some percent slower. Both sides of each connection are in the process.
 *
 * @module
 */

import process from "node:process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quantile } from "./stats.ts";

type Library = typeof import("../mod.ts");
type Work = (count: number) => Promise<unknown>;

const WARM_UP = 40;
const SLICES = 200;
const BODY = new Uint8Array(64).fill(48);
const LARGE = new Uint8Array(16_384).fill(48);
const BURST = new Array<Uint8Array>(500).fill(BODY);

const TCP = "tcp://127.0.0.1:0";
/** Both trees have a registry of their own. */
const INPROC = "inproc://alternating";

async function pushPull({ Pull, Push }: Library, endpoint = TCP, body = BODY): Promise<{ awaited: Work; batch: Work }> {
  const pull = new Pull();
  const push = new Push();
  push.connect(await pull.bind(endpoint));
  return {
    async awaited(count) {
      const taking = (async () => {
        let taken = 0;
        for await (const _ of pull) if (++taken === count) return;
      })();
      for (let i = 0; i < count; i++) await push.send(body);
      await taking;
    },
    async batch(count) {
      const taking = (async () => {
        for (let taken = 0; taken < count;) taken += (await pull.receiveMany()).length;
      })();
      for (let sent = 0; sent < count; sent += BURST.length) await push.sendMany(BURST);
      await taking;
    },
  };
}

async function roundTrips({ Reply, Request }: Library, endpoint = TCP): Promise<Work> {
  const reply = new Reply();
  const request = new Request();
  request.connect(await reply.bind(endpoint));
  (async () => {
    for await (const message of reply) await reply.send(message);
  })();
  return async (count) => {
    for (let i = 0; i < count; i++) {
      await request.send(BODY);
      await request.receive();
    }
  };
}

/** `count` deliveries in all. */
async function publish({ Publisher, Subscriber }: Library, peers: number, at = TCP): Promise<Work> {
  const publisher = new Publisher({ sendHighWaterMark: 0 });
  const endpoint = await publisher.bind(at);
  const subscribers = Array.from({ length: peers }, () => {
    const subscriber = new Subscriber();
    subscriber.subscribe("");
    subscriber.connect(endpoint);
    return subscriber;
  });
  await publisher.waitForSubscribers(peers);
  return async (count) => {
    const each = count / peers;
    const taking = subscribers.map(async (subscriber) => {
      for (let taken = 0; taken < each;) taken += (await subscriber.receiveMany()).length;
    });
    for (let i = 0; i < each; i++) publisher.trySend(BODY);
    await Promise.all(taking);
  };
}

const CASES: Readonly<Record<string, { count: number; make: (library: Library) => Promise<Work> }>> = {
  "64 B await": { count: 8000, make: async (library) => (await pushPull(library)).awaited },
  "64 B batch": { count: 8000, make: async (library) => (await pushPull(library)).batch },
  "16 KiB await": { count: 400, make: async (library) => (await pushPull(library, TCP, LARGE)).awaited },
  "round trip": { count: 200, make: (library) => roundTrips(library) },
  "PUB to 8": { count: 8000, make: (library) => publish(library, 8) },
  "PUB to 64": { count: 25_600, make: (library) => publish(library, 64) },
  "inproc 64 B await": { count: 8000, make: async (library) => (await pushPull(library, `${INPROC}-1`)).awaited },
  "inproc 64 B batch": { count: 8000, make: async (library) => (await pushPull(library, `${INPROC}-2`)).batch },
  "inproc round trip": { count: 2000, make: (library) => roundTrips(library, `${INPROC}-4`) },
  "inproc PUB to 8": { count: 8000, make: (library) => publish(library, 8, `${INPROC}-3`) },
};

/** CPU time of one slice, in ns per message. */
async function slice(work: Work, count: number): Promise<number> {
  const before = process.cpuUsage();
  await work(count);
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000 / count;
}

const [older, newer] = await Promise.all(
  process.argv.slice(2, 4).map((tree) => import(pathToFileURL(`${resolve(tree)}/mod.ts`).href) as Promise<Library>),
);
for (const [name, { count, make }] of Object.entries(CASES)) {
  const works = [await make(older!), await make(newer!)] as const;
  const times: readonly [number[], number[]] = [[], []];
  const ratios: number[] = [];
  for (let i = 0; i < WARM_UP + SLICES; i++) {
    const first = (i & 1) as 0 | 1;
    const pair = [0, 0];
    for (const which of [first, 1 - first] as (0 | 1)[]) pair[which] = await slice(works[which], count);
    if (i < WARM_UP) continue;
    times[0].push(pair[0]!);
    times[1].push(pair[1]!);
    ratios.push(pair[1]! / pair[0]!);
  }
  const [low, newLow] = times.map((all) => quantile(all.sort((a, b) => a - b), 0.1)) as [number, number];
  const median = quantile(ratios.sort((a, b) => a - b), 0.5);
  console.log(
    `${name}: ${low.toFixed(0)} and ${newLow.toFixed(0)} ns, the lowest tenth: ${(newLow / low).toFixed(2)}; ` +
      `median of the ratios ${median.toFixed(2)}`,
  );
}
process.exit(0);
