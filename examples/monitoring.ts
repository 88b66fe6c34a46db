/**
 * Monitor a socket: events report what happens to its connections, statistics count its messages.
 *
 * Run: deno run -A examples/monitoring.ts (or: bun examples/monitoring.ts, npx tsx examples/monitoring.ts)
 *
 * Prints:
 *     DEALER of team blue speaks ZMTP 3.1
 *     worker-7: 1 in, 1 out, 5 bytes in
 *     connect:delay → connect → handshake → disconnect:local → end
 */

import { Dealer, Router, type SocketEvent } from "@monocoque/zmq";

await using router = new Router();
await using dealer = new Dealer({ routingId: "worker-7", metadata: { "X-team": "blue" } });

// Any number of observers may watch: by listeners …
router.events.listen((event) => {
  if (event.type === "handshake") {
    const team = event.metadata.get("x-team");
    console.log(`${event.peerType} of team ${new TextDecoder().decode(team)} speaks ZMTP ${event.version}`);
  }
});

// … and by iteration.
const seen: SocketEvent["type"][] = [];
const watching = (async () => {
  for await (const event of dealer.events) seen.push(event.type);
})();

dealer.connect(await router.bind("tcp://127.0.0.1:0"));
await dealer.send("hello");
const [id] = await router.receive();
await router.send([id, "welcome"]);
await dealer.receive();

for (const peer of router.statistics().peers) {
  const name = new TextDecoder().decode(peer.routingId);
  console.log(`${name}: ${peer.messagesReceived} in, ${peer.messagesSent} out, ${peer.bytesReceived} bytes in`);
}

await dealer.close();
await watching;
console.log(seen.join(" → "));
