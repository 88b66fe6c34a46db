/**
 * A server stops and another one takes its place: queued messages are sent after the automatic reconnect.
 *
 * Run: deno run -A examples/reconnect.ts (or: bun examples/reconnect.ts, npx tsx examples/reconnect.ts)
 *
 * Prints:
 *     connected to a PULL
 *     first server got: one
 *     lost the server
 *     connected to a PULL
 *     second server got: two, three
 *     reconnects: 1
 */

import { Pull, Push, toText } from "@monocoque/zmq";

const first = new Pull();
const endpoint = await first.bind("tcp://127.0.0.1:0");

// The first attempt after 20 ms, then 40, 80, … up to 500 ms, each with a random part.
await using push = new Push({ reconnectInterval: 20, reconnectMaxInterval: 500 });
const stop = push.events.listen((event) => {
  if (event.type === "disconnect") console.log("lost the server");
  if (event.type === "handshake") console.log(`connected to a ${event.peerType}`);
});

push.connect(endpoint);
await push.send("one");
console.log(`first server got: ${toText((await first.receive())[0])}`);
await first.close();

// No peer is connected: messages wait in the queue, up to sendHighWaterMark.
await push.send("two");
await push.send("three");

await using second = new Pull();
await second.bind(endpoint);
console.log(`second server got: ${toText((await second.receive())[0])}, ${toText((await second.receive())[0])}`);
console.log(`reconnects: ${push.statistics().reconnects}`);
stop();
