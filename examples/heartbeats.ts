/**
 * Detect dead peers: no connection is closed when a cable is cut or a machine loses power. With heartbeats a socket
 * pings its peers, closes connections that do not answer, and reconnects.
 *
 * Run: deno run -A examples/heartbeats.ts (or: bun examples/heartbeats.ts, npx tsx examples/heartbeats.ts)
 *
 * Prints:
 *     connected
 *     as long as the peer answers, nothing happens: true
 *     the cable is cut
 *     lost: The peer did not answer a heartbeat in time
 */

import { linkOf, Pull, Push } from "@monocoque/zmq";

/** A cable in memory: bytes pass through until it is cut, which is not reported. */
let cut = false;
const wire = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, stream) {
      if (!cut) stream.enqueue(chunk);
    },
  });
const [there, back] = [wire(), wire()];

await using push = new Push({ heartbeatInterval: 50, heartbeatTimeout: 300 });
await using pull = new Pull();
const lost = new Promise<Error | undefined>((resolve) => {
  push.events.listen((event) => {
    if (event.type === "handshake") console.log("connected");
    if (event.type === "disconnect") resolve(event.error);
  });
});
push.attach(linkOf({ readable: back.readable, writable: there.writable }, { remote: "cable" }));
pull.attach(linkOf({ readable: there.readable, writable: back.writable }, { remote: "cable" }));
await push.waitForPeers(1);

// For several heartbeats no message is sent.
await new Promise((resolve) => setTimeout(resolve, 250));
console.log(`as long as the peer answers, nothing happens: ${push.peerCount === 1}`);

cut = true;
console.log("the cable is cut");
console.log(`lost: ${(await lost)?.message}`);
