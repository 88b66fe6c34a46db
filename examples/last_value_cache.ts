/**
 * Send late joiners the last value of their topic at once, instead of with the next change. A proxy between publishers
 * and subscribers caches the values, and sends one to each new subscriber only.
 *
 * Run: deno run -A examples/last_value_cache.ts (or: bun examples/last_value_cache.ts, npx tsx examples/last_value_cache.ts)
 *
 * Prints:
 *     early: gold has no value yet
 *     early: gold 100
 *     early: gold 101
 *     late: gold 101
 *     early: gold 102
 *     late: gold 102
 */

import { Publisher, Subscriber, subscriptionMessage, toText, XPublisher, XSubscriber } from "@monocoque/zmq";

await using publishers = new XSubscriber();
await using subscribers = new XPublisher({ verbosity: "allSubs" }); // not only the first subscription to a topic
const forPublishers = await publishers.bind("tcp://127.0.0.1:0");
const forSubscribers = await subscribers.bind("tcp://127.0.0.1:0");
await publishers.send(subscriptionMessage("subscribe", "")); // every topic: the cache needs all values

const values = new Map<string, Uint8Array[]>();
async function down(): Promise<void> {
  for await (const message of publishers) {
    values.set(toText(message[0]), message);
    await subscribers.send(message);
  }
}
async function up(): Promise<void> {
  for await (const subscription of subscribers.subscriptions()) {
    const { type, topic } = subscription;
    if (type === "cancel") continue;
    subscribers.sendTo(subscription, values.get(toText(topic)) ?? [topic, "has no value yet"]); // to this peer only
  }
}
const proxying = [down(), up()];

await using market = new Publisher();
market.connect(forPublishers);
await market.waitForSubscribers(1);

function reader(name: string) {
  const socket = new Subscriber();
  socket.subscribe("gold");
  socket.connect(forSubscribers);
  return { socket, read: async () => console.log(`${name}: ${(await socket.receive()).map(toText).join(" ")}`) };
}

const early = reader("early");
await early.read();
for (const price of [100, 101]) {
  await market.send(["gold", price]);
  await early.read();
}
const late = reader("late");
await late.read();
await market.send(["gold", 102]);
await early.read();
await late.read();

await Promise.all([early.socket, late.socket, publishers, subscribers].map((socket) => socket.close()));
await Promise.all(proxying);
