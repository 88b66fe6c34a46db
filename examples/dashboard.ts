/**
 * Metrics and events for a dashboard, a metrics endpoint or a health check: statistics of sockets and of each peer.
 *
 * Run: deno run -A examples/dashboard.ts (or: bun examples/dashboard.ts, npx tsx examples/dashboard.ts)
 *
 * Prints:
 *     PUSH: a peer joined (PULL)
 *     PUSH: a peer joined (PULL)
 *     socket      sent  received  queued    held  dropped
 *     PUSH           6         0       2       0        0
 *     PULL           0         3       0       3        0
 *     PULL           0         3       0       3        0
 *     peers of PUSH: inproc, 3 sent, 1 queued; inproc, 3 sent, 1 queued
 *     socket      sent  received  queued    held  dropped
 *     PUSH           8         0       0       0        0
 *     PULL           0         4       0       0        0
 *     PULL           0         4       0       0        0
 *     PUSH: a peer left
 *     PUSH: a peer left
 */

import { Pull, Push, type Socket } from "@monocoque/zmq";

function table(sockets: readonly Socket[]): void {
  console.log("socket      sent  received  queued    held  dropped");
  for (const socket of sockets) {
    const { messagesSent, messagesReceived, queued, held, dropped } = socket.statistics();
    const cells = [messagesSent, messagesReceived, queued, held, dropped];
    const widths = [8, 10, 8, 8, 9];
    console.log(socket.type.padEnd(8) + cells.map((cell, i) => String(cell).padStart(widths[i]!)).join(""));
  }
}

const push = new Push({ sendHighWaterMark: 1 });
push.events.listen((event) => {
  if (event.type === "handshake") console.log(`PUSH: a peer joined (${event.peerType})`);
  if (event.type === "disconnect") console.log("PUSH: a peer left");
});
const pulls = [new Pull({ receiveHighWaterMark: 3 }), new Pull({ receiveHighWaterMark: 3 })];
const endpoint = await push.bind("inproc://jobs");
for (const pull of pulls) pull.connect(endpoint);
await push.waitForPeers(pulls.length);

// Nothing is received yet: each receiver holds three messages, and one for each waits in the sender.
while (push.trySend("job"));
table([push, ...pulls]);
const peers = push.statistics().peers.map((peer) =>
  `${peer.version}, ${peer.messagesSent} sent, ${peer.queued} queued`
);
console.log(`peers of PUSH: ${peers.join("; ")}`);

for (const pull of pulls) for (let left = 4; left > 0; left--) await pull.receive();
table([push, ...pulls]);

for (const pull of pulls) await pull.close();
await push.close();
