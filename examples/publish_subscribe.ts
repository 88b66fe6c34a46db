/**
 * Publish to many subscribers: a SUB receives messages that start with a topic of its subscriptions. No sleeps: a PUB
 * can wait for subscribers.
 *
 * Run: deno run -A examples/publish_subscribe.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     north: oslo 4 °C
 *     north: tromsø −2 °C
 *     everything: oslo 4 °C
 *     everything: lisbon 21 °C
 *     everything: tromsø −2 °C
 */

import { Publisher, Subscriber, toText } from "@monocoque/zmq";

await using weather = new Publisher();
const endpoint = await weather.bind("tcp://127.0.0.1:0");

await using north = new Subscriber();
north.connect(endpoint);
north.subscribe("oslo", "tromsø");

await using everything = new Subscriber();
everything.connect(endpoint);
everything.subscribe(); // no topic: all messages

await weather.waitForSubscribers(2);
await weather.send(["oslo", "4 °C"]);
await weather.send(["lisbon", "21 °C"]);
await weather.send(["tromsø", "−2 °C"]);

for (const [name, subscriber, count] of [["north", north, 2], ["everything", everything, 3]] as const) {
  for (let i = 0; i < count; i++) {
    const [city, report] = await subscriber.receive();
    console.log(`${name}: ${toText(city)} ${toText(report!)}`);
  }
}
