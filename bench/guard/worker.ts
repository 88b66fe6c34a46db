/**
 * One process of the guard: runs each case with the library of the given tree, both sides in this process over
 * loopback, and prints the CPU time per message or round trip in ns as JSON. CPU time is more stable than elapsed time
 * on a busy machine.
 *
 * @module
 */

import process from "node:process";
import { pathToFileURL } from "node:url";

type Library = typeof import("../../mod.ts");

const BODY = new Uint8Array(64).fill(1);
const LARGE = new Uint8Array(16_384).fill(1);
const SUBSCRIBERS = 8;

const library = await import(pathToFileURL(`${process.argv[2]}/mod.ts`).href) as Library;
const { Publisher, Pull, Push, Reply, Request, Subscriber } = library;
const results: Record<string, number> = {};

/**
 * Runs `work` once to warm up, and takes the lowest of three figures: a single one shows when the runtime compiled what, which
 * differs from process to process.
 */
async function timed(name: string, count: number, work: (count: number) => Promise<unknown>): Promise<void> {
  await work(count);
  let lowest = Infinity;
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    await work(count);
    const { user, system } = process.cpuUsage(before);
    lowest = Math.min(lowest, (user + system) * 1000 / count);
  }
  results[name] = lowest;
}

async function take(source: AsyncIterable<unknown>, count: number): Promise<void> {
  let taken = 0;
  for await (const _ of source) if (++taken === count) return;
}

async function pushPull(
  endpoint: string,
  work: (push: InstanceType<Library["Push"]>, pull: InstanceType<Library["Pull"]>) => Promise<void>,
) {
  const pull = new Pull();
  const push = new Push();
  push.connect(await pull.bind(endpoint));
  await work(push, pull);
  await push.close({ linger: 0 });
  await pull.close({ linger: 0 });
}

await pushPull("tcp://127.0.0.1:0", async (push, pull) => {
  const awaited = (body: Uint8Array) => async (count: number) => {
    const taking = take(pull, count);
    for (let i = 0; i < count; i++) await push.send(body);
    await taking;
  };
  await timed("64 B await", 100_000, awaited(BODY));
  await timed("64 B batch", 400_000, async (count) => {
    const taking = (async () => {
      for (let taken = 0; taken < count;) taken += (await pull.receiveMany()).length;
    })();
    for (let sent = 0; sent < count;) {
      while (sent < count && push.trySend(BODY)) sent++;
      if (sent < count) await push.whenWritable();
    }
    await taking;
  });
  await timed("16 KiB await", 6000, awaited(LARGE));
});

{
  const reply = new Reply();
  const request = new Request();
  request.connect(await reply.bind("tcp://127.0.0.1:0"));
  const serving = (async () => {
    for await (const message of reply) await reply.send(message);
  })();
  await timed("round trip", 8000, async (count) => {
    for (let i = 0; i < count; i++) {
      await request.send(BODY);
      await request.receive();
    }
  });
  await request.close({ linger: 0 });
  await reply.close({ linger: 0 });
  await serving;
}

{
  const publisher = new Publisher({ sendHighWaterMark: 0 });
  const endpoint = await publisher.bind("tcp://127.0.0.1:0");
  const subscribers = Array.from({ length: SUBSCRIBERS }, () => {
    const subscriber = new Subscriber();
    subscriber.connect(endpoint);
    subscriber.subscribe("");
    return subscriber;
  });
  await publisher.waitForSubscribers(SUBSCRIBERS);
  await timed(`PUB to ${SUBSCRIBERS}`, 20_000, async (count) => {
    const taking = subscribers.map((subscriber) => take(subscriber, count));
    for (let i = 0; i < count; i++) await publisher.send(BODY);
    await Promise.all(taking);
  });
  await publisher.close({ linger: 0 });
  for (const subscriber of subscribers) await subscriber.close({ linger: 0 });
}

await pushPull("inproc://guard", async (push, pull) => {
  await timed("inproc await", 300_000, async (count) => {
    const taking = take(pull, count);
    for (let i = 0; i < count; i++) await push.send(BODY);
    await taking;
  });
});

console.log(JSON.stringify(results));
