/**
 * Fan-out from one publisher to a hundred subscribers with different topics: a message is encoded once and sent to its
 * subscribers only.
 *
 * Run: deno run -A examples/many_subscribers.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     100 subscribers, 10 topics
 *     1000 messages were sent 10000 times
 *     every subscriber has its 100, in order
 */

import { Publisher, Subscriber, toText } from "@monocoque/zmq";

const SUBSCRIBERS = 100;
const TOPICS = 10;
const ROUNDS = 100;

await using publisher = new Publisher();
const endpoint = await publisher.bind("tcp://127.0.0.1:0");
const subscribers = Array.from({ length: SUBSCRIBERS }, (_, i) => {
  const subscriber = new Subscriber();
  subscriber.subscribe(`topic-${i % TOPICS}.`);
  subscriber.connect(endpoint);
  return subscriber;
});
await publisher.waitForSubscribers(SUBSCRIBERS);
console.log(`${publisher.subscriberCount} subscribers, ${publisher.topicsCount} topics`);

for (let round = 0; round < ROUNDS; round++) {
  for (let topic = 0; topic < TOPICS; topic++) await publisher.send([`topic-${topic}.news`, round]);
}

for (const subscriber of subscribers) {
  for (let expected = 0; expected < ROUNDS; expected++) {
    const [, round] = await subscriber.receive();
    if (toText(round!) !== String(expected)) throw new Error(`Expected ${expected}, not ${toText(round!)}`);
  }
}
console.log(`${ROUNDS * TOPICS} messages were sent ${publisher.statistics().messagesSent} times`);
console.log(`every subscriber has its ${ROUNDS}, in order`);
await Promise.all(subscribers.map((subscriber) => subscriber.close()));
