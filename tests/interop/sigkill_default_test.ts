/**
 * A libzmq process that does not receive is killed by SIGKILL while a socket with default options has a full queue for it, a
 * write in flight, and more in line. Nothing of the queue is lost, and nothing is sent twice: what the operating system had
 * taken dies with the process, and the very next message is the first that the next process gets.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { Dealer, Pair, Push } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { Peer } from "../support/peers/controller.ts";
import { Numbered } from "../support/peers/numbered.ts";
import { still } from "../support/stillness.ts";
import { ownEndpoint } from "./free_endpoint.ts";
import { nextEvent } from "./next_event.ts";

/** Small ones fill a write of many messages, large ones are written one by one. */
const SIZES = [100, 70_000];

for (const [make, type] of [[Push, "PULL"], [Dealer, "DEALER"], [Pair, "PAIR"]] as const) {
  for (const scheme of ["tcp", "ipc"] as const) {
    for (const size of make === Push ? SIZES : SIZES.slice(0, 1)) {
      test(
        `${make.name} over ${scheme}, ${size} bytes each: a killed receiver loses only the messages in its system buffers`,
        async () => {
          const folder = mkdtempSync(`${tmpdir()}/zmq-kill-`);
          try {
            await kill(make, type, scheme === "tcp" ? ownEndpoint() : `ipc://${folder}/s`, size);
          } finally {
            rmSync(folder, { recursive: true });
          }
        },
        { timeout: 30_000 },
      );
    }
  }
}

async function kill(
  make: typeof Push | typeof Dealer | typeof Pair,
  type: "PULL" | "DEALER" | "PAIR",
  at: string,
  size: number,
) {
  const numbered = new Numbered(size);
  await using first = new Peer("libzmq");
  await using second = new Peer("libzmq");
  const deaf = await first.open(type, { receiveHighWaterMark: 10 });
  const endpoint = await deaf.bind(at);
  await using socket = new make({ linger: 0 });
  socket.connect(endpoint);
  await socket.waitForPeers(1);
  let sent = 0;
  // Bytes that the system takes meanwhile make room again.
  await still(() => {
    while (socket.trySend(numbered.message(sent))) sent++;
    return sent;
  });
  const lost = nextEvent(socket, "disconnect");
  await first.kill();
  await lost;
  // The system may have taken more until the end, when its buffers grew: only what it took is lost.
  const { queued, messagesSent, dropped } = socket.statistics();
  assert(queued > 0, "nothing of the queue is left");
  assertEquals([messagesSent + queued, dropped], [sent, 0]);
  const next = await second.open(type, { receiveHighWaterMark: 10 });
  await next.bind(endpoint);
  await numbered.drain(next, sent - queued, queued);
  assertEquals(socket.statistics().messagesSent, sent);
}
