/**
 * Several servers without a broker: a client that knows all of them gets a reply while at least one is alive. Two
 * ways: one server after another, or all of them at once, and the first reply wins.
 *
 * Run: deno run -A examples/freelance.ts (or: bun examples/freelance.ts, npx tsx examples/freelance.ts)
 *
 * Prints:
 *     one after another: zurich says hello
 *     all at once: zurich was the first, of 3
 *     all at once: 3 answers to the second question
 */

import { Dealer, Requester, Router, serve, toText } from "@monocoque/zmq";

let release = () => {};
const zurichAnswered = new Promise<void>((resolve) => release = resolve);

async function open(name: string, ready: Promise<void>) {
  const router = new Router();
  const endpoint = await router.bind("tcp://127.0.0.1:0");
  const serving = serve(router, async ([question]) => {
    await ready;
    return [question, name];
  });
  return { endpoint, close: () => router.close().then(() => serving) };
}
const servers = await Promise.all([
  open("bern", zurichAnswered), // too slow, for now
  open("geneva", zurichAnswered),
  open("zurich", Promise.resolve()),
]);
const endpoints = servers.map(({ endpoint }) => endpoint);

// One after another: with no other request in flight, each attempt goes to the next server.
await using careful = new Requester(endpoints, { timeout: 2000, retries: 9 });
await careful.waitForPeers(endpoints.length);
const [question, server] = await careful.request("hello");
console.log(`one after another: ${toText(server!)} says ${toText(question)}`);

// All at once. A DEALER sends round-robin, so one message per server reaches all of them.
await using hasty = new Dealer();
for (const endpoint of endpoints) hasty.connect(endpoint);
async function* ask(text: string): AsyncGenerator<string> {
  for (let i = 0; i < endpoints.length; i++) await hasty.send([text, null, text]);
  for await (const [number, , , name] of hasty) {
    // Late replies to earlier requests are skipped.
    if (toText(number) === text) yield toText(name!);
  }
}
for await (const name of ask("1")) {
  console.log(`all at once: ${name} was the first, of ${endpoints.length}`);
  break;
}
release();
let answers = 0;
for await (const _ of ask("2")) if (++answers === endpoints.length) break;
console.log(`all at once: ${answers} answers to the second question`);

await Promise.all(servers.map((each) => each.close()));
