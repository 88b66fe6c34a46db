/**
 * Debug a missing reply: the connection events of both sides, every frame, and the counters. There is a mistake to
 * find: one reply goes to a peer that does not exist.
 *
 * Run: deno run -A examples/debug_request_reply.ts (or: bun …, npx tsx …)
 *
 * Prints:
 *     client: connect:delay tcp://127.0.0.1:…
 *     client: connect tcp://127.0.0.1:…
 *     client: handshake with a ROUTER, ZMTP 3.1
 *     client: out "temperature", 00 17
 *     client: in "23 degrees"
 *     client: 1 out (13 bytes), 1 in (10 bytes), 0 dropped
 *     client: disconnect:local tcp://127.0.0.1:…
 *     client: end
 *     server: bind tcp://127.0.0.1:…
 *     server: accept tcp://127.0.0.1:…
 *     server: handshake with a REQ, ZMTP 3.1
 *     server: in "ada", (empty), "temperature", 00 17
 *     server: out "bob", (empty), "23 degrees"
 *     server: hint: ROUTER dropped a message: no connected peer has the routing id in its first frame…
 *     server: out "ada", (empty), "23 degrees"
 *     server: disconnect tcp://127.0.0.1:…
 *     server: 1 out (10 bytes), 1 in (13 bytes), 1 dropped
 *     server: close tcp://127.0.0.1:…
 *     server: end
 */

import { Request, Router, type SocketEvent, toText } from "@monocoque/zmq";

/** A frame as a person reads it: text where it is text, else each byte in hex. */
function show(frame: Uint8Array): string {
  if (frame.length === 0) return "(empty)";
  const hex = Array.from(frame, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return frame.every((byte) => byte >= 0x20 && byte < 0x7f) ? JSON.stringify(toText(frame)) : hex;
}

function tell(event: SocketEvent): string {
  if (event.type === "handshake") return `handshake with a ${event.peerType}, ZMTP ${event.version}`;
  if (event.type === "hint") return `hint: ${event.message}`;
  const where = "remote" in event ? event.remote : "endpoint" in event ? event.endpoint : "";
  const why = "error" in event && event.error !== undefined ? `: ${event.error.message}` : "";
  return `${event.type} ${where}`.trim() + why;
}

/** A socket that writes a log of what it does. */
function watch(name: string, socket: Request | Router) {
  const lines: string[] = [];
  const log = (line: string) => lines.push(`${name}: ${line}`);
  socket.events.listen((event) => log(tell(event)));
  return {
    lines,
    async send(...frames: Uint8Array[]) {
      log(`out ${frames.map(show).join(", ")}`);
      await socket.send(frames);
    },
    async receive() {
      const frames = await socket.receive();
      log(`in ${frames.map(show).join(", ")}`);
      return frames;
    },
    async close() {
      const { messagesSent, bytesSent, messagesReceived, bytesReceived, dropped } = socket.statistics();
      log(
        `${messagesSent} out (${bytesSent} bytes), ${messagesReceived} in (${bytesReceived} bytes), ${dropped} dropped`,
      );
      await socket.close();
    },
  };
}
const bytes = (text: string) => new TextEncoder().encode(text);

// A Router shows what a Reply hides: the routing id, and the empty frame before the body.
const router = new Router();
const request = new Request({ routingId: "ada", receiveTimeout: 5000 });
const [server, client] = [watch("server", router), watch("client", request)];
request.connect(await router.bind("tcp://127.0.0.1:0"));
await request.waitForPeers(1);

await client.send(bytes("temperature"), new Uint8Array([0, 23]));
const [id, empty] = await server.receive();
await server.send(bytes("bob"), empty!, bytes("23 degrees")); // the mistake: dropped and counted, with a hint
await server.send(id, empty!, bytes("23 degrees"));
await client.receive();

const left = new Promise<void>((resolve) => {
  router.events.listen((event) => event.type === "disconnect" && resolve());
});
await client.close();
await left;
await server.close();
// One log after the other: the order of events between both sides is random.
for (const line of [...client.lines, ...server.lines]) console.log(line);
