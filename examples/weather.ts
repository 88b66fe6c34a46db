/**
 * Filter by topic: a station publishes the weather of many towns; a reader receives only what it subscribed to. A
 * subscription is a prefix of the first frame, so towns with the same prefix match too, and the reader filters them.
 *
 * Run: deno run -A examples/weather.ts (or: bun examples/weather.ts, npx tsx examples/weather.ts)
 *
 * Prints:
 *     the station sent 800 reports, 300 of them to this reader
 *     york: 100 reports, 9.5 °C on average
 *     yorkshire: 100 reports, 8.5 °C on average
 *     lima: 100 reports, 19.5 °C on average
 */

import { Publisher, Subscriber, toText } from "@monocoque/zmq";

const TOWNS = { oslo: 4, york: 9, yorkshire: 8, lima: 19, cairo: 28, perth: 24, delhi: 31, quito: 14 };
const ROUNDS = 100;

await using station = new Publisher();
await using reader = new Subscriber();
reader.connect(await station.bind("tcp://127.0.0.1:0"));
reader.subscribe("york", "lima");
// Reports sent before the subscription arrives would be lost: a late joiner.
for (const topic of ["york", "lima"]) await station.waitForSubscribers(1, { topic });

for (let round = 0; round < ROUNDS; round++) {
  for (const [town, degrees] of Object.entries(TOWNS)) await station.send([town, degrees + round % 2]);
}

const reports = new Map<string, number[]>();
for (let received = 0; received < 3 * ROUNDS; received++) {
  const [town, degrees] = (await reader.receive()).map(toText);
  reports.set(town!, [...reports.get(town!) ?? [], Number(degrees)]);
}

const { messagesReceived } = reader.statistics();
console.log(
  `the station sent ${ROUNDS * Object.keys(TOWNS).length} reports, ${messagesReceived} of them to this reader`,
);
for (const [town, degrees] of reports) {
  const average = degrees.reduce((sum, each) => sum + each, 0) / degrees.length;
  console.log(`${town}: ${degrees.length} reports, ${average} °C on average`);
}
