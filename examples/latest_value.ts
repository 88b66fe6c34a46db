/**
 * Keep only the newest value: with `conflate` a queue holds one message and replaces it, so a slow display always
 * shows the current value, however fast it changes.
 *
 * Run: deno run -A examples/latest_value.ts (or: bun examples/latest_value.ts, npx tsx examples/latest_value.ts)
 *
 * Prints:
 *     the display shows 100000
 *     it did not have to draw all of them: true
 */

import { Publisher, Subscriber, toText } from "@monocoque/zmq";

const LAST = 100_000;

await using sensor = new Publisher({ conflate: true }); // holds one value for each subscriber
await using display = new Subscriber({ conflate: true }); // holds one value from each publisher
display.connect(await sensor.bind("tcp://127.0.0.1:0"));
display.subscribe();
await sensor.waitForSubscribers(1);

const measuring = sensor.sendMany(Array.from({ length: LAST }, (_, i) => i + 1));

let drawn = 0;
for await (const [value] of display) {
  drawn++;
  if (Number(toText(value)) < LAST) continue;
  console.log(`the display shows ${toText(value)}`);
  break;
}
await measuring;
console.log(`it did not have to draw all of them: ${drawn < LAST}`);
