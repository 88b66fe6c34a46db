/**
 * Authenticate by user name and password: enough between your own programs in a trusted network, because PLAIN does
 * not encrypt.
 *
 * Run: deno run -A examples/plain.ts (or: bun examples/plain.ts, npx tsx examples/plain.ts)
 *
 * Prints:
 *     Hello, ada!
 *     a stranger is refused with 400
 */

import { Authenticator, Reply, Request, toText, userIdOf } from "@monocoque/zmq";

const users = new Authenticator().addUser("ada", "lovelace").addUser("grace", "hopper");
const server = new Reply({ plainServer: true, authenticate: users });
const endpoint = await server.bind("tcp://127.0.0.1:0");

async function serve() {
  for await (const message of server) await server.send(`Hello, ${userIdOf(message)}!`); // the name was checked
}
const serving = serve();

await using client = new Request({ plainUsername: "ada", plainPassword: "lovelace" });
client.connect(endpoint);
await client.send("who am I?");
console.log(toText((await client.receive())[0]));

// A rejected client is notified, and retries later: the server may know the password by then.
await using stranger = new Request({ plainUsername: "ada", plainPassword: "guess", linger: 0 });
stranger.connect(endpoint);
for await (const event of stranger.events) {
  if (event.type !== "handshake:error:auth") continue;
  console.log(`a stranger is refused with ${event.status}`);
  break;
}

await server.close();
await serving;
