/**
 * A slow worker slows its sender down: no queue grows beyond its high-water mark, and no message is lost.
 *
 * Run: deno run -A examples/back_pressure.ts (or: bun examples/back_pressure.ts, npx tsx examples/back_pressure.ts)
 *
 * Prints:
 *     5 messages fit
 *     all of them arrived in order
 *     65 KiB fit
 *     dropped: 7
 */

import { Publisher, Pull, Push, Subscriber, toText } from "@monocoque/zmq";

await using pull = new Pull({ receiveHighWaterMark: 2 });
await using push = new Push({ sendHighWaterMark: 3 });
push.connect(await pull.bind("inproc://jobs"));
await push.waitForPeers(1);

// The number of messages that fit without waiting: over inproc the sum of both high-water marks.
let sent = 0;
while (push.trySend(`job ${sent}`)) sent++;
console.log(`${sent} messages fit`);

// `send` waits for room instead. Sends that wait keep their order.
const more = Array.from({ length: 5 }, (_, i) => push.send(`job ${sent + i}`));
for (let i = 0; i < sent + more.length; i++) {
  const [job] = await pull.receive();
  if (toText(job) !== `job ${i}`) throw new Error("out of order");
}
await Promise.all(more);
console.log("all of them arrived in order");

// High-water marks can also be in bytes, and change while the socket is open.
push.sendHighWaterMark = 0;
push.sendHighWaterMarkBytes = 64 * 1024;
pull.receiveHighWaterMark = 1;
let kib = 0;
while (push.trySend(new Uint8Array(1024))) kib++;
console.log(`${kib} KiB fit`);

// A publisher does not wait: it drops messages for a slow subscriber, counts them, and serves the others.
await using publisher = new Publisher({ sendHighWaterMark: 2 });
await using slow = new Subscriber({ receiveHighWaterMark: 1 });
slow.connect(await publisher.bind("inproc://news"));
slow.subscribe();
await publisher.waitForSubscribers(1);
for (let i = 0; i < 10; i++) await publisher.send(`news ${i}`);
console.log(`dropped: ${publisher.statistics().dropped}`);
await push.close({ linger: 0 });
