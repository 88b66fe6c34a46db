/**
 * Wait for several sockets at once, and serve the more important one first. Polling receives nothing, so unserved
 * messages stay for the next round.
 *
 * Run: deno run -A examples/poll_sockets.ts (or: bun examples/poll_sockets.ts, npx tsx examples/poll_sockets.ts)
 *
 * Prints:
 *     nothing within 20 ms
 *     urgent: fire
 *     urgent: flood
 *     normal: cat in tree
 *     normal: parked badly
 *     there is room to send, and nothing to read
 *     no longer wanted
 */

import { poll, Pull, Push, toText } from "@monocoque/zmq";

await using normal = new Pull();
await using urgent = new Pull();
await using toNormal = new Push();
await using toUrgent = new Push();
toNormal.connect(await normal.bind("inproc://normal"));
toUrgent.connect(await urgent.bind("inproc://urgent"));

if ((await poll([urgent, normal], { timeout: 20 })).length === 0) console.log("nothing within 20 ms");

await toNormal.sendMany(["cat in tree", "parked badly"]);
await toUrgent.sendMany(["fire", "flood"]);
for (let left = 4; left > 0; left--) {
  const [first] = await poll([urgent, normal]); // those that are ready, in this order
  const [text] = first!.tryReceive()!;
  console.log(`${first === urgent ? "urgent" : "normal"}: ${toText(text)}`);
}

// Also for room to send, which detects a slow receiver.
const items = [{ socket: toNormal, for: "writable" }, { socket: normal, for: "readable" }] as const;
const ready = await poll(items);
if (ready.includes(items[0]) && !ready.includes(items[1])) console.log("there is room to send, and nothing to read");

const controller = new AbortController();
const waiting = poll([urgent, normal], { signal: controller.signal });
controller.abort("no longer wanted");
await waiting.catch((reason) => console.log(reason));
