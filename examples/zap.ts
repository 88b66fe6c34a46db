/**
 * A ZAP handler written by hand (RFC 27): all servers of a context ask it to authenticate their peers.
 * `Authenticator.listen` is a ready-made one; this one shows the frames, which are the same for libzmq.
 *
 * Run: deno run -A examples/zap.ts (or: bun examples/zap.ts, npx tsx examples/zap.ts)
 *
 * Prints:
 *     eve from 127.0.0.1 asks for jobs: no
 *     ann from 127.0.0.1 asks for jobs: welcome
 *     jobs/ann: sweep the yard
 */

import { Context, Pull, Push, Reply, toText, userIdOf } from "@monocoque/zmq";

const context = new Context();
const handler = new Reply({ context });
await handler.bind("inproc://zeromq.zap.01"); // before the servers bind: they need an authenticator

async function decide() {
  for await (const [version, id, domain, address, _identity, mechanism, ...credentials] of handler) {
    // NULL has no credentials, PLAIN a name and a password, CURVE the client's public key as 32 bytes.
    const [name, password] = credentials.map(toText);
    const known = toText(mechanism!) === "PLAIN" && toText(domain!) === "jobs" && password === "swordfish";
    console.log(`${name} from ${toText(address!)} asks for ${toText(domain!)}: ${known ? "welcome" : "no"}`);
    const [status, text, userId] = known ? ["200", "OK", `jobs/${name}`] : ["400", "wrong password", ""];
    await handler.send([version, id!, status, text, userId, ""]); // the last frame could be metadata
  }
}
const deciding = decide();

await using server = new Pull({ context, plainServer: true, zapDomain: "jobs" });
const endpoint = await server.bind("tcp://127.0.0.1:0");

await using stranger = new Push({ plainUsername: "eve", plainPassword: "12345", linger: 0 });
stranger.connect(endpoint);
for await (const event of stranger.events) if (event.type === "handshake:error:auth") break;

await using client = new Push({ plainUsername: "ann", plainPassword: "swordfish" });
client.connect(endpoint);
await client.send("sweep the yard");
const message = await server.receive();
console.log(`${userIdOf(message)}: ${toText(message[0])}`);

await handler.close();
await deciding;
