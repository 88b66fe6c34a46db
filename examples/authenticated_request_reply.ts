/**
 * Authorize requests: users are authenticated by their CURVE keys, and the user id of a request decides what it may
 * do.
 *
 * Run: deno run -A examples/authenticated_request_reply.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     bob writes: bob may only read
 *     ada writes: done
 *     bob reads: open on Sundays
 */

import { Authenticator, type CurveKeyPair, curveKeyPair, Reply, Request, toText, userIdOf } from "@monocoque/zmq";

const [serverKeys, adaKeys, bobKeys] = await Promise.all([curveKeyPair(), curveKeyPair(), curveKeyPair()]);
const MAY_WRITE = new Set(["ada"]);

const server = new Reply({
  curveServer: true,
  curveSecretKey: serverKeys.secretKey,
  authenticate: new Authenticator()
    .allowKey(adaKeys.publicKey, { userId: "ada" })
    .allowKey(bobKeys.publicKey, { userId: "bob" }),
});
const endpoint = await server.bind("tcp://127.0.0.1:0");

async function serve() {
  let notice = "closed on Sundays";
  for await (const message of server) {
    const user = userIdOf(message)!; // assigned by the authenticator, not claimed by the peer
    const [command, text] = message.map(toText);
    if (command === "read") {
      await server.send(notice);
    } else if (MAY_WRITE.has(user)) {
      notice = text!;
      await server.send("done");
    } else {
      await server.send(`${user} may only read`);
    }
  }
}
const serving = serve();

async function ask({ secretKey }: CurveKeyPair, ...request: string[]): Promise<string> {
  await using client = new Request({ curveServerKey: serverKeys.publicKey, curveSecretKey: secretKey });
  client.connect(endpoint);
  await client.send(request);
  return toText((await client.receive())[0]);
}

console.log(`bob writes: ${await ask(bobKeys, "write", "closed for good")}`);
console.log(`ada writes: ${await ask(adaKeys, "write", "open on Sundays")}`);
console.log(`bob reads: ${await ask(bobKeys, "read")}`);

await server.close();
await serving;
