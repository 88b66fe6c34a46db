/**
 * Address peers of a ROUTER: by an id that they choose, by a generated one, or by one that the ROUTER chooses when it
 * connects. And what happens to messages for a peer that is not connected.
 *
 * Run: deno run -A examples/routing_ids.ts (or: bun examples/routing_ids.ts, npx tsx examples/routing_ids.ts)
 *
 * Prints:
 *     anna says hello
 *     a peer without an id (5 bytes, the first is 0) says hello
 *     EHOSTUNREACH: Cannot send on Router: no peer with this routing id is connected
 *     a second anna says hello again, and is now the one
 *     server-1 says welcome
 */

import { Dealer, Router, toText, ZmqError } from "@monocoque/zmq";

// mandatory: a message for an unknown id is an error. handover: the newest connection takes over an id.
await using router = new Router({ mandatory: true, handover: true });
const endpoint = await router.bind("tcp://127.0.0.1:0");

const anna = new Dealer({ routingId: "anna" });
anna.connect(endpoint);
await anna.send("hello");
const [id, text] = await router.receive();
console.log(`${toText(id)} says ${toText(text)}`);

await using nameless = new Dealer();
nameless.connect(endpoint);
await nameless.send("hello");
const [madeUp] = await router.receive();
console.log(`a peer without an id (${madeUp.length} bytes, the first is ${madeUp[0]}) says hello`);
await router.send([madeUp, "hello to you too"]); // valid as long as the connection
await nameless.receive();

try {
  await router.send(["bob", "are you there?"]);
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}

// A restarted worker may reconnect before its old connection is known to be dead.
await using second = new Dealer({ routingId: "anna" });
second.connect(endpoint);
await second.send("hello again");
const [sameId, again] = await router.receive();
await router.send([sameId, "there you are"]);
await second.receive();
console.log(`a second ${toText(sameId)} says ${toText(again)}, and is now the one`);
await anna.close();

// The connecting side can choose the id: then it can send first.
await using client = new Router();
await using server = new Router({ routingId: "whatever" });
client.connect(await server.bind("tcp://127.0.0.1:0"), { routingId: "server-1" });
await client.send(["server-1", "hello"]);
const [caller] = await server.receive();
await server.send([caller, "welcome"]);
console.log((await client.receive()).map(toText).join(" says "));
