/**
 * Have many requests in flight: a ROUTER knows each peer by its id, so replies may come in any order.
 *
 * Run: deno run -A examples/dealer_router.ts (or: bun examples/dealer_router.ts, npx tsx examples/dealer_router.ts)
 *
 * Prints:
 *     fig → FIG
 *     apple → APPLE
 *     banana → BANANA
 */

import { Dealer, Router, toText } from "@monocoque/zmq";

const REQUESTS = ["apple", "fig", "banana"];

const server = new Router();
const endpoint = await server.bind("tcp://127.0.0.1:0");

async function serve() {
  const waiting: Uint8Array[][] = [];
  for await (const [peer, number, word] of server) {
    waiting.push([peer, number, word!]);
    if (waiting.length < REQUESTS.length) continue;
    // Shortest word first: the replies leave in another order than the requests arrived in.
    waiting.sort((a, b) => a[2]!.length - b[2]!.length);
    for (const [to, of, text] of waiting.splice(0)) {
      await server.send([to!, of!, toText(text!).toUpperCase()]);
    }
  }
}
const serving = serve();

await using client = new Dealer({ routingId: "client-1" });
client.connect(endpoint);
for (const [number, word] of REQUESTS.entries()) await client.send([number, word]);

for (let i = 0; i < REQUESTS.length; i++) {
  const [number, answer] = await client.receive();
  console.log(`${REQUESTS[Number(toText(number))]} → ${toText(answer!)}`);
}

await server.close();
await serving;
