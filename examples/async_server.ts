/**
 * A server with several workers behind one endpoint, for clients that have many requests in flight. The clients are
 * DEALERs, the server is a ROUTER; a proxy distributes its requests to workers in the same process.
 *
 * Run: deno run -A examples/async_server.ts (or: bun examples/async_server.ts, npx tsx examples/async_server.ts)
 *
 * Prints:
 *     anna: 5 answers, 1 + 4 + 9 + 16 + 25 = 55
 *     bob: 5 answers, 1 + 4 + 9 + 16 + 25 = 55
 *     10 requests came in, 10 answers went out
 */

import { Dealer, Proxy, Router, toText } from "@monocoque/zmq";

const ENDPOINT = "tcp://127.0.0.1:0";

await using front = new Router();
await using back = new Dealer();
const endpoint = await front.bind(ENDPOINT);
const inside = await back.bind("inproc://back");
const proxy = new Proxy(front, back);
const proxying = proxy.run();

// Each request carries its client's routing id, which the answer carries back.
const workers = Array.from({ length: 3 }, () => new Dealer());
const working = workers.map(async (worker) => {
  worker.connect(inside);
  for await (const [client, number, n] of worker) await worker.send([client, number!, Number(toText(n!)) ** 2]);
});

async function ask(name: string, numbers: number[]): Promise<string> {
  await using client = new Dealer();
  client.connect(endpoint);
  for (const [i, n] of numbers.entries()) await client.send([i, n]);
  const squares: number[] = [];
  for (const _ of numbers) {
    const [i, square] = (await client.receive()).map((frame) => Number(toText(frame)));
    squares[i!] = square!; // in whatever order they come
  }
  const sum = squares.reduce((total, each) => total + each);
  return `${name}: ${squares.length} answers, ${squares.join(" + ")} = ${sum}`;
}
const numbers = [1, 2, 3, 4, 5];
for (const line of await Promise.all([ask("anna", numbers), ask("bob", numbers)])) console.log(line);

const { messagesReceived, messagesSent } = proxy.statistics().front;
console.log(`${messagesReceived} requests came in, ${messagesSent} answers went out`);
proxy.terminate();
for (const worker of workers) await worker.close();
await Promise.all([proxying, ...working]);
