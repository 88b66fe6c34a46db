/**
 * Interoperate with libzmq: a Node process with zeromq.js, a binding to libzmq in C++, sends requests to a server of
 * this library on any runtime. No option is needed.
 *
 * Run: deno run -A examples/libzmq.ts (or: bun examples/libzmq.ts, npx tsx examples/libzmq.ts)
 *
 * Prints:
 *     libzmq 4.… is a REQ of ZMTP 3.…
 *     it asks: how are you?
 *     it received: fine, thank you
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Reply, toText } from "@monocoque/zmq";

const CLIENT = `
import { Request, version } from "zeromq";
const request = new Request({ receiveTimeout: 60_000, linger: 0 });
request.connect(process.argv[1]);
await request.send([version, "how are you?"]);
const [answer] = await request.receive();
await request.send([version, "it received: " + answer]);
await request.receive();
request.close();
`;
const root = fileURLToPath(new URL("..", import.meta.url)); // where zeromq is installed

await using reply = new Reply({ receiveTimeout: 60_000 });
const endpoint = await reply.bind("tcp://127.0.0.1:0");
let peer = "";
reply.events.listen((event) => {
  if (event.type === "handshake") peer = `${event.peerType} of ZMTP ${event.version}`;
});
const client = spawn("node", ["--input-type=module", "-e", CLIENT, endpoint], { cwd: root, stdio: "inherit" });
const exit = once(client, "exit");

const [version, question] = (await reply.receive()).map(toText);
console.log(`libzmq ${version} is a ${peer}`);
console.log(`it asks: ${question}`);
await reply.send("fine, thank you");
console.log(toText((await reply.receive())[1]!));
await reply.send("good-bye");
await exit;
