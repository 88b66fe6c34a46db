/**
 * The smallest RPC server and client: a function that replies, and requests that fail after a timeout instead of hanging.
 *
 * Run: deno run -A examples/hello_world.ts (or: bun examples/hello_world.ts, npx tsx examples/hello_world.ts)
 *
 * Prints:
 *     Hello, Ada!
 *     Hello, Grace!
 *     Hello, Barbara!
 */

import { Requester, Router, serve, toText } from "@monocoque/zmq";

const server = new Router();
const endpoint = await server.bind("tcp://127.0.0.1:0"); // port 0: any free port
const serving = serve(server, ([name]) => `Hello, ${toText(name)}!`);

const client = new Requester(endpoint, { timeout: 2000 });
// Any number of requests in flight over one connection; each gets its own reply.
const answers = await Promise.all(["Ada", "Grace", "Barbara"].map((name) => client.request(name)));
for (const [answer] of answers) console.log(toText(answer));

await client.close();
await server.close();
await serving;
