/**
 * A slow subscriber is worse than none: it acts on old data, and its publisher drops more and more of its messages. So
 * it measures the age of its data, and exits when that is too old, to be restarted or given less work.
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
    if (time.length === 0) {
      console.log(`the ${name} is up to date`);
      return;
    }
    if (performance.now() - Number(toText(time)) > TOO_OLD) {
      console.log(`the ${name} is more than ${TOO_OLD} ms behind, and gives up`);
      return;
    }
    await delay(work); // processing time per message
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
