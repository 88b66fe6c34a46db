/**
 * Peers that begin a handshake and then say nothing, one or a hundred of them, and peers that hang up in the middle.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Push, ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, greeting, message, RawListener, RawPeer, ready } from "../support/raw_peer.ts";
import { nextEvent, take } from "../sockets/support.ts";
import { Victim } from "./support.ts";

const BEGINNINGS: [name: string, bytes: Uint8Array][] = [
  ["nothing", bytes()],
  ["half a signature", greeting().subarray(0, 5)],
  ["half a greeting", greeting().subarray(0, 32)],
  ["a greeting and nothing more", greeting()],
  ["half a READY", bytes(greeting(), ready("PUSH").subarray(0, 10))],
  ["a version before 3", bytes(greeting().subarray(0, 10), 1)],
  ["the socket type of ZMTP 2.0", bytes(greeting().subarray(0, 10), 1, 8)],
  ["half a routing id of ZMTP 2.0", bytes(greeting().subarray(0, 10), 1, 8, 0, 4, "id")],
  ["the first byte of ZMTP 1.0", bytes(5)],
  ["half a routing id of ZMTP 1.0", bytes(5, 0, "id")],
];

for (const [name, beginning] of BEGINNINGS) {
  test(`silence after ${name}: disconnected after handshakeInterval and reported, without effect on other peers`, async () => {
    await using victim = await Victim.make({ handshakeInterval: 100 });
    const told = victim.event("handshake:error:other");
    await using peer = await RawPeer.connect(victim.endpoint);
    if (beginning.length > 0) peer.write(beginning);
    await victim.unharmed();
    const { error } = await told;
    assertEquals((error as ZmqError).code, "ETIMEDOUT");
    assertStringIncludes(error.message, "took longer than 100 ms");
    await peer.gone;
    await victim.unharmed();
  });

  test(`disconnecting after ${name}: reported, without effect on other peers`, async () => {
    await using victim = await Victim.make();
    // A peer that disconnects during its greeting, after receiving ours, may want another mechanism.
    const told = victim.event(name === "half a greeting" ? "handshake:error:protocol" : "handshake:error:other");
    await using peer = await RawPeer.connect(victim.endpoint);
    if (beginning.length > 0) peer.write(beginning);
    await peer.end();
    assertEquals((await told).error instanceof ZmqError, true);
    await victim.unharmed();
  });
}

test("silence of a server: the connecting socket times out after handshakeInterval and retries", async () => {
  await using listener = await RawListener.bind();
  await using push = new Push({ handshakeInterval: 1000, reconnectInterval: 5 });
  const told = nextEvent(push, "handshake:error:other");
  push.connect(listener.endpoint);
  await push.send("wanted");
  const silent = await listener.accept();
  silent.write(greeting().subarray(0, 20));
  assertEquals(((await told).error as ZmqError).code, "ETIMEDOUT");
  await silent.gone;
  const good = await listener.join({ type: "PULL" });
  assertEquals(await good.message(), ["wanted"]);
});

test("silence after the handshake is allowed", async () => {
  await using victim = await Victim.make({ handshakeInterval: 1000 });
  await using quiet = await RawPeer.join(victim.endpoint, { type: "PUSH" });
  // A silent one is dropped meanwhile, so the time has passed.
  const dropped = victim.event("handshake:error:other");
  await using silent = await RawPeer.connect(victim.endpoint);
  await dropped;
  await silent.gone;
  assertEquals(victim.pull.peerCount, 2);
  quiet.write(message("still here"));
  assertEquals(await take(victim.pull, 1), ["still here"]);
});

test("a hundred half-open connections do not hinder good ones, and end with the socket", async () => {
  await using victim = await Victim.make();
  const half: RawPeer[] = [];
  for (let i = 0; i < 100; i++) {
    const peer = await RawPeer.connect(victim.endpoint);
    peer.write(BEGINNINGS[1 + i % 4]![1]);
    half.push(peer);
  }
  await victim.unharmed();
  await using late = new Push();
  late.connect(victim.endpoint);
  await late.send("late but welcome");
  assertEquals(await take(victim.pull, 1), ["late but welcome"]);
  assertEquals(victim.pull.peerCount, 2);
  await late.close();
  await victim.push.close();
  await victim.pull.close();
  for (const peer of half) await peer.gone;
});

test("a hundred silent connections are all dropped after handshakeInterval", async () => {
  await using victim = await Victim.make({ handshakeInterval: 100 });
  const peers = await Promise.all(Array.from({ length: 100 }, () => RawPeer.connect(victim.endpoint)));
  for (const peer of peers) await peer.gone;
  await victim.unharmed();
}, { timeout: 20_000 });
