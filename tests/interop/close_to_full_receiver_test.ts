/**
 * A socket closes while its messages are still in the operating system, and its peer, libzmq with a full queue, does
 * not read. A libzmq receiver loses unread messages over ipc when its peer disconnects, and one with heartbeats fails
 * an assertion (`!_io_error`, 4.3.5) when the disconnect is reported twice; a libzmq sender causes both. So this
 * library ends its side and waits for the peer's end, for as long as linger allows.
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
import { roundTrips } from "../support/stillness.ts";
import { ownEndpoint } from "./free_endpoint.ts";

const COUNT = 200;
const SIZE = 1000;

async function withEndpoint(scheme: "tcp" | "ipc", body: (endpoint: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/zmq-full-`);
  try {
    await body(scheme === "tcp" ? ownEndpoint() : `ipc://${folder}/s`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const scheme of ["tcp", "ipc"] as const) {
  for (const [make, type] of [[Push, "PULL"], [Dealer, "DEALER"], [Pair, "PAIR"]] as const) {
    for (const heartbeats of make === Push ? [false, true] : [false]) {
      const how = heartbeats ? ", with heartbeats of its own" : "";
      test(
        `${make.name} over ${scheme} closes to a libzmq ${type} that is full${how}: it gets ${COUNT} of ${COUNT}`,
        () =>
          withEndpoint(scheme, async (at) => {
            const numbered = new Numbered(SIZE);
            await using peer = new Peer("libzmq");
            const pings: Record<string, number> = heartbeats ? { heartbeatInterval: 50, heartbeatTimeout: 20_000 } : {};
            const full = await peer.open(type, { receiveHighWaterMark: 1, ...pings });
            const socket = new make({ linger: -1 });
            socket.connect(await full.bind(at));
            await socket.waitForPeers(1);
            for (let i = 0; i < COUNT; i++) assert(socket.trySend(numbered.message(i)));
            let closed = false;
            const started = performance.now();
            const closing = socket.close().then((given) => {
              closed = true;
              return given;
            });
            // Longer than any fixed grace would have been.
            while (performance.now() - started < 1500) await roundTrips(10);
            assertEquals(closed, false, "the peer has not read");
            await numbered.drain(full, 0, COUNT);
            assertEquals(await closing, 0);
          }),
        { timeout: 20_000 },
      );
    }
  }
}

test("linger in ms, and a later close: the wait for a peer that does not end its side can be bounded at any time", async () => {
  await using peer = new Peer("libzmq");
  const full = await peer.open("PULL", { receiveHighWaterMark: 1 });
  const endpoint = await full.bind(ownEndpoint());
  for (const linger of [0, 30]) {
    const numbered = new Numbered(SIZE);
    const push = new Push({ linger: -1 });
    push.connect(endpoint);
    await push.waitForPeers(1);
    for (let i = 0; i < COUNT; i++) assert(push.trySend(numbered.message(i)));
    const closing = push.close();
    await roundTrips();
    assertEquals(await push.close({ linger }), 0);
    assertEquals(await closing, 0);
  }
});
