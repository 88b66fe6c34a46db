/**
 * Sockets over byte streams that the program opened itself: here a pipe in memory that counts what goes through it.
 *
 * Run: deno run -A examples/attach.ts (or: bun examples/attach.ts, npx tsx examples/attach.ts)
 *
 * Prints:
 *     pipe:client is a REQ of ZMTP 3.1
 *     hello anna
 *     hello bob
 *     237 bytes went through the pipe
 *     pipe:client is gone
 */

import { linkOf, Reply, Request, toText } from "@monocoque/zmq";

// TLS, a child process's standard input and output, a serial line: whatever gives a readable and a writable Web stream will do.
let bytes = 0;
const pipe = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      controller.enqueue(chunk);
    },
  });
const [there, back] = [pipe(), pipe()];

await using client = new Request();
await using server = new Reply();
client.attach(linkOf({ readable: back.readable, writable: there.writable }, { remote: "pipe:server" }));
server.attach(linkOf({ readable: there.readable, writable: back.writable }, { remote: "pipe:client" }));

// From here on it is a connection like any other, except that nobody makes it again when it is lost.
server.events.listen((event) => {
  if (event.type === "handshake") console.log(`${event.remote} is a ${event.peerType} of ZMTP ${event.version}`);
  if (event.type === "disconnect" || event.type === "disconnect:local") console.log(`${event.remote} is gone`);
});
for (const name of ["anna", "bob"]) {
  await client.send(name);
  const [asked] = await server.receive();
  await server.send(`hello ${toText(asked!)}`);
  const [answer] = await client.receive();
  console.log(toText(answer!));
}
console.log(`${bytes} bytes went through the pipe`);
