/**
 * Ask and answer: a REQ sends a request and waits for its reply, a REP serves one request at a time.
 *
 * Run: deno run -A examples/request_reply.ts (or: bun examples/request_reply.ts, npx tsx examples/request_reply.ts)
 *
 * Prints:
 *     Hello, Ada!
 *     Hello, Grace!
 *     Hello, Barbara!
 */

import { Reply, Request, toText } from "@monocoque/zmq";

const server = new Reply();
const endpoint = await server.bind("tcp://127.0.0.1:0"); // port 0: any free port

async function serve() {
  for await (const [name] of server) await server.send(`Hello, ${toText(name)}!`);
}
const serving = serve();

await using client = new Request();
client.connect(endpoint);
for (const name of ["Ada", "Grace", "Barbara"]) {
  await client.send(name);
  const [greeting] = await client.receive();
  console.log(toText(greeting));
}

await server.close(); // ends the loop in serve()
await serving;
