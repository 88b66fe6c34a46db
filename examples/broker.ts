/**
 * A broker in the middle: publishers, subscribers, clients and workers need only its endpoints.
 *
 * Run: deno run -A examples/broker.ts (or: bun examples/broker.ts, npx tsx examples/broker.ts)
 *
 * Prints:
 *     oslo: sunny
 *     anna did sweeping, bob did cooking
 *     forwarded 2 requests
 */

import {
  Dealer,
  Proxy,
  Publisher,
  Reply,
  Request,
  Router,
  Subscriber,
  toText,
  XPublisher,
  XSubscriber,
} from "@monocoque/zmq";

// Forwarder: subscriptions go up, messages go down.
await using publishers = new XSubscriber();
await using subscribers = new XPublisher();
const up = await publishers.bind("tcp://127.0.0.1:0");
const down = await subscribers.bind("tcp://127.0.0.1:0");
const forwarder = new Proxy(publishers, subscribers);
const forwarding = forwarder.run();

await using weather = new Publisher();
await using reader = new Subscriber();
weather.connect(up);
reader.connect(down);
reader.subscribe("oslo");
await weather.waitForSubscribers(1, { topic: "oslo" });
await weather.send(["oslo", "sunny"]);
console.log((await reader.receive()).map(toText).join(": "));

// Queue: requests go to the workers round-robin, replies are routed back.
await using clients = new Router();
await using workers = new Dealer();
const queue = new Proxy(clients, workers);
const stop = new AbortController();
const queueing = queue.run({ signal: stop.signal }).catch(() => {});

const toWorkers = await workers.bind("inproc://workers");
const serving = ["anna", "bob"].map(async (name) => {
  const worker = new Reply();
  worker.connect(toWorkers);
  const [job] = await worker.receive();
  await worker.send(`${name} did ${toText(job)}`);
  await worker.close();
});
const endpoint = await clients.bind("tcp://127.0.0.1:0");
const asking = ["sweeping", "cooking"].map(async (job) => {
  await using client = new Request();
  client.connect(endpoint);
  await client.send(job);
  return toText((await client.receive())[0]);
});
console.log((await Promise.all(asking)).sort().join(", "));
await Promise.all(serving);

console.log(`forwarded ${queue.statistics().front.messagesReceived} requests`);
forwarder.terminate();
stop.abort();
await Promise.all([forwarding, queueing]);
