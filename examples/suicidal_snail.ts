/**
 * A subscriber that cannot keep up is worse than none: it acts on old news, and its publisher drops more and more for it. So it
 * watches how old its news is, and when that is too old it says so and ends; it may be started again, or its job be made easier.
 *
 * Run: deno run -A examples/suicidal_snail.ts (or: bun examples/suicidal_snail.ts, npx tsx examples/suicidal_snail.ts)
 *
 * Prints:
 *     the snail is more than 150 ms behind, and gives up
 *     the hare is up to date
 */

import { setTimeout as delay } from "node:timers/promises";
import { Publisher, Subscriber, toText } from "@monocoque/zmq";

const TOO_OLD = 150; // ms

await using ticker = new Publisher();
const endpoint = await ticker.bind("tcp://127.0.0.1:0");

/** Reads news until it is too old, or until there is no more. */
async function read(name: string, work: number): Promise<void> {
  await using news = new Subscriber();
  news.connect(endpoint);
  news.subscribe();
  for await (const [time] of news) {
    if (time!.length === 0) {
      console.log(`the ${name} is up to date`);
      return;
    }
    if (performance.now() - Number(toText(time!)) > TOO_OLD) {
      console.log(`the ${name} is more than ${TOO_OLD} ms behind, and gives up`);
      return;
    }
    await delay(work); // what it does with each piece of news
  }
}

const snail = read("snail", 50);
const hare = read("hare", 0);
await ticker.waitForSubscribers(2);

const over = new AbortController();
snail.finally(() => over.abort());
while (!over.signal.aborted) {
  await ticker.send(performance.now());
  await delay(5);
}
await ticker.send(null);
await hare;
