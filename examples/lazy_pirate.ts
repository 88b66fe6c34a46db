/**
 * A client that survives its server: a request has a timeout, a lost request or reply is retried within it, and when no
 * server replies for long enough the client reports an error instead of hanging.
 *
 * Run: deno run -A examples/lazy_pirate.ts (or: bun examples/lazy_pirate.ts, npx tsx examples/lazy_pirate.ts)
 *
 * Prints:
 *     first server: a map
 *     the server is too busy for gold
 *     first server: gold
 *     the server has stopped
 *     second server: rum
 *     ETIMEDOUT
 */

import { type Message, Requester, Router, serve, toText, ZmqError } from "@monocoque/zmq";

const first = new Router();
const endpoint = await first.bind("tcp://127.0.0.1:0");
let busy = false;
const serving = serve(first, ([wish]) => {
  if (busy) {
    console.log(`the server is too busy for ${toText(wish)}`);
    busy = false;
    return; // no reply
  }
  return `first server: ${toText(wish)}`;
});

// Without a connection an attempt waits in the client until it times out: a restarted server does not get all of them.
await using client = new Requester(endpoint, { timeout: 2000, retries: 20, reconnectInterval: 20 });
const show = ([reply]: Message) => console.log(toText(reply));

show(await client.request("a map"));

busy = true;
show(await client.request("gold")); // the second attempt succeeds

const lost = new Promise<void>((resolve) => {
  client.events.listen((event) => event.type === "disconnect" && resolve());
});
await first.close();
await serving;
await lost;
console.log("the server has stopped");

const rum = client.request("rum"); // no server is connected yet
const second = new Router();
await second.bind(endpoint);
const servingAgain = serve(second, ([wish]) => `second server: ${toText(wish)}`);
show(await rum);

await second.close();
await servingAgain;
try {
  await client.request("anything", { timeout: 300 });
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  console.log(error.code); // the message names the endpoint, and error.cause is the last error of its connection
}
