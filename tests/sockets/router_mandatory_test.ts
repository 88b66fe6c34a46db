/**
 * Router with `mandatory`: EHOSTUNREACH for unknown ids, waiting for full peers.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Router, type WaitOptions, type ZmqError } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { NetPeer } from "../support/net_peer.ts";
import { bytes, greeting, RawPeer, ready } from "../support/raw_peer.ts";
import { still } from "../support/stillness.ts";
import { ANY, rejectsWith, throwsWith } from "./support.ts";

const BODY = new Uint8Array(256 * 1024);
const named = (identity: string) => ({ type: "DEALER", identity });

/** More than the operating system holds for a peer that does not read. */
const FLOOD = 200;

/** Many sends at once to a peer that does not read: the last ones wait. */
function flood(router: Router, identity: string, options: WaitOptions = {}): Promise<void>[] {
  return Array.from({ length: FLOOD }, () => router.send([identity, BODY], options));
}

test("mandatory: a message to an unknown id is EHOSTUNREACH, immediately", async () => {
  await using router = new Router({ mandatory: true });
  await using peer = await RawPeer.join(await router.bind(ANY), named("here"));
  await router.waitForPeers(1);
  const error = await rejectsWith("EHOSTUNREACH", () => router.send(["nobody", "hello"]));
  assertEquals(error.message, "Cannot send on Router: no peer with this routing id is connected");
  throwsWith("EHOSTUNREACH", () => router.trySend(["nobody", "hello"]));
  await router.send(["here", "hello"]);
  assertEquals(await peer.message(), ["hello"]);
});

test("mandatory: a full peer makes the send wait until it reads", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
  await using peer = await RawPeer.join(await router.bind(ANY), named("slow"));
  await router.waitForPeers(1);
  peer.pause();
  let sent = 0;
  while (router.trySend(["slow", `${sent}`, BODY])) sent++;
  const waiting = router.send(["slow", `${sent}`, BODY]);
  peer.resume();
  await waiting;
  for (let i = 0; i <= sent; i++) assertEquals((await peer.message())[0], `${i}`);
});

test("mandatory: sends that wait for a full peer end with EHOSTUNREACH when that peer disconnects", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
  await using peer = await RawPeer.join(await router.bind(ANY), named("slow"));
  await router.waitForPeers(1);
  peer.pause();
  const sends = flood(router, "slow");
  const settled = Promise.allSettled(sends);
  await sends[0];
  await peer[Symbol.asyncDispose]();
  const failed = (await settled).filter((outcome) => outcome.status === "rejected");
  assert(failed.length > 1, `${failed.length} sends were waiting`);
  for (const { reason } of failed) assertEquals((reason as ZmqError).code, "EHOSTUNREACH");
});

test("mandatory: a send to a full peer can time out", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 2, sendTimeout: 50 });
  await using peer = await RawPeer.join(await router.bind(ANY), named("slow"));
  await router.waitForPeers(1);
  peer.pause();
  await rejectsWith("EAGAIN", async () => {
    for (;;) await router.send(["slow", BODY]);
  });
  assertEquals(router.peerCount, 1);
});

test("mandatory: sends that wait for a full peer do not block those to others, and keep their order", async () => {
  await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
  const endpoint = await router.bind(ANY);
  await using full = await RawPeer.join(endpoint, named("full"));
  await using free = await RawPeer.join(endpoint, named("free"));
  await router.waitForPeers(2);
  full.pause();
  let accepted = 0;
  while (router.trySend(["full", `${accepted}`, BODY])) accepted++;
  const waiting = [router.send(["full", "first in line"]), router.send(["full", "second in line"])];
  assertEquals(router.trySend(["full", "no queue-jumping"]), false);
  assertEquals(router.trySend(["free", "at once"]), true);
  await router.send(["free", "this too"]);
  assertEquals([await free.message(), await free.message()], [["at once"], ["this too"]]);
  full.resume();
  await Promise.all(waiting);
  for (let number = 0; number < accepted; number++) assertEquals((await full.message())[0], `${number}`);
  assertEquals([await full.message(), await full.message()], [["first in line"], ["second in line"]]);
});

test("without mandatory: messages to a full peer are dropped whole, and other peers get theirs", async () => {
  await using router = new Router({ sendHighWaterMark: 2 });
  const endpoint = await router.bind(ANY);
  await using slow = await RawPeer.join(endpoint, named("slow"));
  await using quick = await RawPeer.join(endpoint, named("quick"));
  await router.waitForPeers(2);
  slow.pause();
  const count = 200;
  for (let i = 0; i < count; i++) {
    assertEquals(router.trySend(["slow", `${i}`, BODY]), true);
    await router.send(["quick", `${i}`]);
    assertEquals(await quick.message(), [`${i}`]);
  }
  slow.resume();
  // The first ones were queued; what follows has gaps, but no message is cut.
  let last = -1;
  for (let received = 0; received < 5; received++) {
    const [number, body] = await slow.message();
    assert(Number(number) > last);
    assertEquals(body!.length, BODY.length);
    last = Number(number);
  }
});

for (
  const [leaves, leave] of [["resets", (peer) => peer.reset()], [
    "ends",
    (peer) => peer.end(),
  ]] as const satisfies readonly (readonly [string, (peer: NetPeer) => void])[]
) {
  test(`mandatory: no send that waited resolves when its peer ${leaves} the connection`, async () => {
    await using router = new Router({ mandatory: true, sendHighWaterMark: 2 });
    await using peer = await NetPeer.connect(await router.bind(ANY));
    await peer.write(bytes(greeting(), ready("DEALER", "slow")));
    await router.waitForPeers(1);
    peer.pause();
    let done = 0;
    const sends = Array.from({ length: FLOOD }, () => router.send(["slow", BODY]).then(() => done++));
    const settled = Promise.allSettled(sends);
    await still(() => done);
    leave(peer);
    await settled;
    // The operating system may have taken more until the end, when its buffers grew.
    assert(done < FLOOD, "the operating system held everything");
    const { messagesSent, dropped } = router.statistics();
    assertEquals(messagesSent + dropped, done);
  });
}
