/**
 * A silent peer is detected, disconnected and reconnected to; a peer that only answers heartbeats stays.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Router, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent } from "./support.ts";

const HEARTBEAT = { heartbeatInterval: 20, heartbeatTimeout: 60, reconnectInterval: 5 };

test("heartbeat: a bound socket drops a peer that falls silent", async () => {
  await using pull = new Pull(HEARTBEAT);
  await using silent = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  const { error } = await nextEvent(pull, "disconnect");
  assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
  await silent.gone;
  assertEquals(pull.peerCount, 0);
});

test("heartbeat: a connecting socket disconnects a silent peer and reconnects; queued messages go to the next one", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push(HEARTBEAT);
  push.connect(listener.endpoint);
  const first = await listener.join({ type: "PULL" });
  first.pause();
  await nextEvent(push, "disconnect");
  await push.send("to the living");
  // Silent as well, it is disconnected some time later; the message comes before that.
  const second = await listener.join({ type: "PULL" });
  for (;;) {
    const { flags } = await second.frame();
    if ((flags & 4) === 0) break; // PINGs may come before
  }
});

test("heartbeat: two of ours keep each other alive without a message", async () => {
  // Both live in this process, which may be busy for a while.
  const patient = { heartbeatInterval: 20, heartbeatTimeout: 1500 };
  await using router = new Router(patient);
  await using dealer = new Dealer({ ...patient, routingId: "d" });
  const events: string[] = [];
  for (const socket of [router, dealer]) socket.events.listen(({ type }) => type !== "hint" && events.push(type));
  dealer.connect(await router.bind(ANY));
  await Promise.all([router.waitForPeers(1), dealer.waitForPeers(1)]);
  // A third one that says nothing is the clock: 22 timeouts of it are more than one of theirs.
  await using clock = new Pull(HEARTBEAT);
  const endpoint = await clock.bind(ANY);
  for (let i = 0; i < 22; i++) {
    await using silent = await RawPeer.join(endpoint, { type: "PUSH" });
    await silent.gone;
  }
  await dealer.send("still here");
  assertEquals((await router.receive()).length, 2);
  assertEquals(events.includes("disconnect"), false);
});

test("heartbeat: a peer that is silent for longer than its own time to live is disconnected", async () => {
  await using pull = new Pull();
  await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
  const lost = nextEvent(pull, "disconnect");
  // A time to live of 100 ms.
  await peer.write(new Uint8Array([4, 7, 4, 0x50, 0x49, 0x4e, 0x47, 0, 1]));
  const { error } = await lost;
  assertEquals(error instanceof ZmqError && error.code, "ETIMEDOUT");
});
