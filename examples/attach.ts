/**
 * Use sockets over byte streams that the program opened itself: here an in-memory pipe that counts the bytes.
 *
 * Run: deno run -A examples/attach.ts (or: bun examples/attach.ts, npx tsx examples/attach.ts)
 *
 * Prints:
 *     pipe:client is a REQ of ZMTP 3.1
 *     hello anna
 *     hello bob
 *     237 bytes went through the pipe
 *     pipe:client disconnected
 */

import { linkOf, Reply, Request, toText } from "@monocoque/zmq";

// Also for TLS, a child process's stdin and stdout, a serial line: anything with a readable and a writable Web stream.
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

// From here on it is an ordinary connection, except that it does not reconnect when it is lost.
server.events.listen((event) => {
  if (event.type === "handshake") console.log(`${event.remote} is a ${event.peerType} of ZMTP ${event.version}`);
  if (event.type === "disconnect" || event.type === "disconnect:local") console.log(`${event.remote} disconnected`);
});
for (const name of ["anna", "bob"]) {
  await client.send(name);
  const [asked] = await server.receive();
  await server.send(`hello ${toText(asked)}`);
  const [answer] = await client.receive();
  console.log(toText(answer));
}
console.log(`${bytes} bytes went through the pipe`);
