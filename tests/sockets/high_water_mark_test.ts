/**
 * High-water marks: the capacity of a peer's queue, and the effect on the next message.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Request, Subscriber } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { bytes, message, RawListener, RawPeer } from "../support/raw_peer.ts";
import { ANY, deserted, fill, rejectsWith, take } from "./support.ts";

const BODY = "b".repeat(64 * 1024);

test("a queue takes exactly sendHighWaterMark messages, 1000 by default, any number for 0", async () => {
  const endpoint = await deserted();
  for (const make of [Push, Dealer, Pair]) {
    for (
      const [options, expected] of [[{ sendHighWaterMark: 3 }, 3], [{}, 1000], [
        { sendHighWaterMark: 0 },
        5000,
      ]] as const
    ) {
      const socket = new make(options);
      socket.connect(endpoint);
      assertEquals([socket.type, fill(socket)], [socket.type, expected]);
      await socket.close({ linger: 0 });
    }
  }
});

test("the high-water mark is per peer: with two endpoints twice as many are queued, round-robin", async () => {
  await using one = await RawListener.bind();
  await using two = await RawListener.bind();
  await using push = new Push({ sendHighWaterMark: 3 });
  push.connect(one.endpoint);
  push.connect(two.endpoint);
  assertEquals(fill(push), 6);
  const a = await one.join({ type: "PULL" });
  const b = await two.join({ type: "PULL" });
  for (const i of [0, 2, 4]) assertEquals(await a.message(), [`${i}`]);
  for (const i of [1, 3, 5]) assertEquals(await b.message(), [`${i}`]);
});

test("push: skips a full peer", async () => {
  await using slow = await RawListener.bind();
  await using quick = new Pull();
  await using push = new Push({ sendHighWaterMark: 1 });
  push.connect(slow.endpoint);
  push.connect(await quick.bind(ANY));
  await push.waitForPeers(1);
  // The slow one, which never shakes hands, holds one.
  const received: string[] = [];
  for (let i = 0; i < 20; i++) await push.send(`${i}`);
  received.push(...await take(quick, 19));
  assertEquals(received.length, 19);
  const late = await slow.join({ type: "PULL" });
  received.push(...await late.message());
  assertEquals(received.map(Number).sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
});

test("a send beyond the high-water mark waits for a peer that does not read, and continues when it does", async () => {
  for (const make of [Push, Dealer, Pair]) {
    await using listener = await RawListener.bind();
    await using socket = new make({ sendHighWaterMark: 2, sendTimeout: 100 });
    socket.connect(listener.endpoint);
    const peer = await listener.join({
      type: socket.type === "PUSH" ? "PULL" : socket.type === "PAIR" ? "PAIR" : "ROUTER",
    });
    peer.pause();
    let sent = 0;
    await rejectsWith("EAGAIN", async () => {
      for (;; sent++) await socket.send([`${sent}`, BODY]);
    });
    // The operating system may find room for more late.
    while (socket.trySend([`${sent}`, BODY])) sent++;
    socket.sendTimeout = -1;
    peer.resume();
    for (let i = 0; i < sent; i++) assertEquals(await peer.message(), [`${i}`, BODY]);
    await socket.send("room again");
    assertEquals(await peer.message(), ["room again"]);
  }
});

test("a request waits for a peer with room", async () => {
  await using request = new Request({ sendTimeout: 20 });
  await rejectsWith("EAGAIN", () => request.send("nobody"));
  await request.bind(ANY);
  await rejectsWith("EAGAIN", () => request.send("still nobody"));
});

test("a peer whose messages are not received is no longer read, and read again later; nothing is lost", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 5 });
  await using push = new Push({ sendHighWaterMark: 5, sendTimeout: 100 });
  push.connect(await pull.bind(ANY));
  let sent = 0;
  await rejectsWith("EAGAIN", async () => {
    for (;; sent++) await push.send([`${sent}`, BODY]);
  });
  for (let i = 0; i < sent; i++) assertEquals(await take(pull, 1), [`${i}|${BODY}`]);
  assertEquals(pull.tryReceive(), undefined);
  push.sendTimeout = -1;
  await push.send("and on");
  assertEquals(await take(pull, 1), ["and on"]);
});

test("more messages than an inbox holds follow when it is emptied, in order, for any chunk sizes", async () => {
  for (const [options, mark] of [[{ receiveHighWaterMark: 3 }, 3], [{}, 1000]] as const) {
    await using pull = new Pull(options);
    await using peer = await RawPeer.join(await pull.bind(ANY), { type: "PUSH" });
    const count = mark * 3;
    // An answer to a PING behind them means that all before it were taken.
    peer.write(bytes(...Array.from({ length: mark - 1 }, (_, i) => message(`${i}`))));
    await peer.sync();
    peer.write(bytes(...Array.from({ length: count - mark + 1 }, (_, i) => message(`${mark - 1 + i}`))));
    assertEquals(await take(pull, count), Array.from({ length: count }, (_, i) => `${i}`));
  }
});

test("a full inbox of one peer does not keep others from being read", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  const endpoint = await pull.bind(ANY);
  await using flood = await RawPeer.join(endpoint, { type: "PUSH" });
  flood.write(bytes(...Array.from({ length: 1000 }, () => message("flood"))));
  await using other = await RawPeer.join(endpoint, { type: "PUSH" });
  other.write(message("other"));
  await other.sync();
  const taken = await take(pull, 4);
  assert(taken.includes("other"), taken.join());
});

test("a subscriber that does not receive holds back its publisher, not the other subscribers", async () => {
  await using pub = new Publisher({ sendHighWaterMark: 4 });
  const endpoint = await pub.bind(ANY);
  await using lazy = new Subscriber({ receiveHighWaterMark: 4 });
  await using eager = new Subscriber();
  for (const sub of [lazy, eager]) {
    sub.connect(endpoint);
    sub.subscribe("");
  }
  await pub.waitForSubscribers(2);
  const count = 400;
  for (let i = 0; i < count; i++) {
    await pub.send([`${i}`, BODY]);
    assertEquals(await take(eager, 1), [`${i}|${BODY}`]);
  }
  // It has a beginning without gaps, whole messages, and not everything.
  assertEquals((await take(lazy, 4)).map((text) => text.split("|")[0]), ["0", "1", "2", "3"]);
  const rest: number[] = [];
  for (let received = lazy.tryReceive(); received !== undefined; received = lazy.tryReceive()) {
    rest.push(received.length);
  }
  assert(rest.length < count - 4);
  assertEquals(rest.every((frames) => frames === 2), true);
});
