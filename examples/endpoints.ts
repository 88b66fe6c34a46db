/**
 * Use tcp, ipc and inproc endpoints, and parse them.
 *
 * Run: deno run -A examples/endpoints.ts (or: bun examples/endpoints.ts, npx tsx examples/endpoints.ts)
 *
 * Prints:
 *     hello over tcp
 *     hello over ipc
 *     hello over inproc
 *     tcp://[2001:db8::1]:5555 5555
 *     tcp://10.0.0.7:0;example.com:5555
 *     bad host: Cannot parse "tcp://127.0.0.256:5555": "127.0.0.256" is not an IPv4 address
 *     plain bytes
 */

import { Endpoint, EndpointError, Pair, Stream, TcpEndpoint, toText } from "@monocoque/zmq";

// The same pair of sockets over each transport; bind() returns the actual endpoint.
for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*", "inproc://meeting"]) {
  await using a = new Pair();
  await using b = new Pair();
  const bound = await a.bind(endpoint);
  b.connect(bound);
  await b.send("hello");
  console.log(`${toText((await a.receive())[0])} over ${bound.split("://")[0]}`);
}

// Endpoints can be parsed and built.
const parsed = Endpoint.parse("tcp://[2001:DB8::0:1]:5555");
console.log(parsed.toString(), parsed instanceof TcpEndpoint && parsed.port);
console.log(Endpoint.parse("tcp://10.0.0.7:0;example.com:5555", "connect").toString());
try {
  Endpoint.parse("tcp://127.0.0.256:5555");
} catch (error) {
  if (error instanceof EndpointError) console.log(`bad ${error.part}: ${error.message}`);
}

// A Stream talks to peers that do not speak ZMTP.
await using server = new Stream({ notify: false });
await using client = new Stream({ notify: false });
client.connect(await server.bind("tcp://127.0.0.1:0"), { routingId: "server" });
await client.waitForPeers(1);
await client.send(["server", "plain bytes"]);
console.log(toText((await server.receive())[1]));
