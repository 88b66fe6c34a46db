/**
 * Get high throughput for small messages: send and receive in batches, with one promise per batch instead of one per
 * message, and control the writes where the program knows when a batch is complete.
 *
 * Run: deno run -A examples/batches.ts (or: bun examples/batches.ts, npx tsx examples/batches.ts)
 *
 * Prints:
 *     100000 messages in order, … thousand per second, … per batch
 *     3 messages of 16 bytes wait for the rest
 *     flushed: the first, the second, the third
 */

import { Pull, Push, toText } from "@monocoque/zmq";

const COUNT = 100_000;

await using push = new Push();
await using pull = new Pull();
pull.connect(await push.bind("tcp://127.0.0.1:0"));
await push.waitForPeers(1);

// Messages are taken from the generator one by one, as the queue has room.
function* readings(): Generator<string> {
  for (let i = 0; i < COUNT; i++) yield `reading ${i}`;
}
const start = performance.now();
const sending = push.sendMany(readings());
let received = 0;
let batches = 0;
for await (const batch of pull.batches()) {
  for (const [reading] of batch) {
    if (received % 1000 === 0 && toText(reading) !== `reading ${received}`) throw new Error("Out of order");
    received++;
  }
  batches++;
  if (received === COUNT) break;
}
await sending;
const rate = Math.round(COUNT / (performance.now() - start));
console.log(`${COUNT} messages in order, ${rate} thousand per second, ${Math.round(COUNT / batches)} per batch`);

// Messages sent in one turn of the event loop leave together anyway. This is for batches that take longer.
for (const word of ["first", "second", "third"]) {
  push.sendBuffered(word);
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(`3 messages of ${push.bufferedBytes} bytes wait for the rest`);
push.flush();
const words: string[] = [];
while (words.length < 3) words.push(...(await pull.receiveMany()).map(([word]) => toText(word)));
console.log(`flushed: the ${words.join(", the ")}`);
