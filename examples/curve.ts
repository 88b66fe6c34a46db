/**
 * Encrypt with CURVE and authenticate by keys: clients know the server by its public key, the server knows each client
 * by its own.
 *
 * Run: deno run -A examples/curve.ts (or: bun examples/curve.ts, npx tsx examples/curve.ts)
 *
 * Prints:
 *     secret.plan: meet at noon
 *     an eavesdropper is refused with 400
 */

import { Authenticator, curveKeyPair, Publisher, Subscriber, toText } from "@monocoque/zmq";

// Generate keys once and keep them in files (see formatCertificate). A secret key never leaves its owner.
const server = await curveKeyPair();
const client = await curveKeyPair();

await using publisher = new Publisher({
  curveServer: true,
  curveSecretKey: server.secretKey,
  // Known clients. allowAnyKey() would accept every client that knows the server's public key.
  authenticate: new Authenticator().allowKey(client.publicKey),
});
const endpoint = await publisher.bind("tcp://127.0.0.1:0");

await using subscriber = new Subscriber({ curveServerKey: server.publicKey, curveSecretKey: client.secretKey });
subscriber.connect(endpoint);
subscriber.subscribe("secret.");
await publisher.waitForSubscribers(1, { topic: "secret." });
await publisher.send(["secret.plan", "meet at noon"]);
console.log((await subscriber.receive()).map(toText).join(": "));

// An unknown key is rejected in the handshake.
const { secretKey } = await curveKeyPair();
await using eavesdropper = new Subscriber({ curveServerKey: server.publicKey, curveSecretKey: secretKey });
eavesdropper.subscribe("");
eavesdropper.connect(endpoint);
for await (const event of eavesdropper.events) {
  if (event.type !== "handshake:error:auth") continue;
  console.log(`an eavesdropper is refused with ${event.status}`);
  break;
}
