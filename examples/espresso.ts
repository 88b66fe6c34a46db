/**
 * Trace a proxy: its capture socket gets a copy of every message in both directions, for tracing, logging or recording
 * without a change to the peers.
 *
 * Run: deno run -A examples/espresso.ts (or: bun examples/espresso.ts, npx tsx examples/espresso.ts)
 *
 * Prints:
 *     subscribed to A
 *     A: one
 *     A: two
 *     unsubscribed from A
 *     4 messages passed, 8 bytes of them downwards
 */

import {
  Proxy,
  Publisher,
  Pull,
  Push,
  Subscriber,
  subscriptionOf,
  toText,
  XPublisher,
  XSubscriber,
} from "@monocoque/zmq";

await using publishers = new XSubscriber();
await using subscribers = new XPublisher();
await using capture = new Push();
await using trace = new Pull();
trace.connect(await capture.bind("inproc://capture"));
const up = await publishers.bind("tcp://127.0.0.1:0");
const down = await subscribers.bind("tcp://127.0.0.1:0");
const proxy = new Proxy(publishers, subscribers, { capture });
const running = proxy.run();

await using publisher = new Publisher();
const subscriber = new Subscriber();
publisher.connect(up);
subscriber.connect(down);
subscriber.subscribe("A");
await publisher.waitForSubscribers(1, { topic: "A" });

await publisher.send(["A", "one"]);
await publisher.send(["B", "no subscriber: it does not leave the publisher"]);
await publisher.send(["A", "two"]);
for (let left = 2; left > 0; left--) await subscriber.receive();
await subscriber.close(); // which unsubscribes

let passed = 0;
for await (const message of trace) {
  passed++;
  const subscription = subscriptionOf(message);
  if (subscription === undefined) console.log(message.map(toText).join(": "));
  else if (subscription.type === "subscribe") console.log(`subscribed to ${toText(subscription.topic)}`);
  else {
    console.log(`unsubscribed from ${toText(subscription.topic)}`);
    break;
  }
}
console.log(`${passed} messages passed, ${proxy.statistics().front.bytesReceived} bytes of them downwards`);

proxy.terminate();
await running;
