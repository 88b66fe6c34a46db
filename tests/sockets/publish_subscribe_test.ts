/**
 * Publisher and Subscriber: topics, many-to-many, waiting for subscribers, dropping for full ones.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher } from "../../mod.ts";
import { test } from "../support/harness.ts";
import { command, RawPeer } from "../support/raw_peer.ts";
import { ANY, nextEvent, take } from "./support.ts";

test("subscribe: a topic is a prefix of the first frame, and only of that", async () => {
  await using pub = new Publisher();
  await using sub = new Subscriber();
  sub.connect(await pub.bind(ANY));
  sub.subscribe("ab", Uint8Array.of(0xff, 0));
  await pub.waitForSubscribers(1, { topic: Uint8Array.of(0xff, 0) });
  for (const message of ["a", "b", "ab", "abc", ["x", "ab"], ["ab", "x"], "", "AB"]) await pub.send(message);
  await pub.send(Uint8Array.of(0xff, 0, 1));
  assertEquals((await take(sub, 4)).slice(0, 3), ["ab", "abc", "ab|x"]);
  assertEquals(sub.tryReceive(), undefined);
});

test("subscribe: nothing is received without a subscription; an empty topic, or none, subscribes to everything", async () => {
  await using pub = new Publisher();
  const endpoint = await pub.bind(ANY);
  await using none = new Subscriber();
  await using empty = new Subscriber();
  await using implied = new Subscriber();
  for (const sub of [none, empty, implied]) sub.connect(endpoint);
  empty.subscribe("");
  implied.subscribe();
  await pub.waitForSubscribers(2);
  await none.waitForPeers(1);
  await pub.send("");
  await pub.send("x");
  assertEquals(await take(empty, 2), ["", "x"]);
  assertEquals(await take(implied, 2), ["", "x"]);
  none.subscribe("late");
  await pub.waitForSubscribers(1, { topic: "late" });
  await pub.send("late");
  assertEquals(await take(none, 1), ["late"]);
});

test("subscribe: a message that several of a peer's topics match comes once", async () => {
  await using pub = new Publisher();
  await using sub = new Subscriber();
  sub.subscribe("", "a", "ab", "abc");
  sub.connect(await pub.bind(ANY));
  await pub.waitForSubscribers(1, { topic: "abc" });
  await pub.waitForSubscribers(1, { topic: "" });
  await pub.send("abc");
  await pub.send("end");
  assertEquals(await take(sub, 2), ["abc", "end"]);
});

test("unsubscribe: only the last of as many as there were subscribes counts", async () => {
  await using pub = new Publisher();
  await using sub = new Subscriber();
  sub.connect(await pub.bind(ANY));
  sub.subscribe("a", "a", "end");
  await pub.waitForSubscribers(1, { topic: "end" });
  sub.unsubscribe("a");
  sub.unsubscribe("never subscribed");
  await pub.send("a1");
  assertEquals(await take(sub, 1), ["a1"]);
  sub.unsubscribe("a");
  // Also when the publisher has not received it yet.
  await pub.send("a2");
  await pub.send("end");
  assertEquals(await take(sub, 1), ["end"]);
});

test("publish: many to many, each subscriber gets all of its topic from all publishers", async () => {
  const pubs = [new Publisher(), new Publisher(), new Publisher()];
  const subs = [new Subscriber(), new Subscriber(), new Subscriber()];
  for (const [i, sub] of subs.entries()) sub.subscribe(`topic ${i}`);
  // Both sides bind somewhere.
  for (const sub of subs) sub.connect(await pubs[0]!.bind(ANY));
  for (const sub of subs) {
    const endpoint = await sub.bind(ANY);
    for (const pub of pubs.slice(1)) pub.connect(endpoint);
  }
  for (const pub of pubs) await pub.waitForSubscribers(3);
  for (const [p, pub] of pubs.entries()) {
    for (let i = 0; i < 100; i++) for (const s of subs.keys()) await pub.send([`topic ${s}`, `${p}`, `${i}`]);
  }
  for (const [s, sub] of subs.entries()) {
    const taken = await take(sub, 300);
    for (const p of pubs.keys()) {
      const expected = Array.from({ length: 100 }, (_, i) => `topic ${s}|${p}|${i}`);
      assertEquals(taken.filter((text) => text.startsWith(`topic ${s}|${p}|`)), expected);
    }
  }
  for (const socket of [...pubs, ...subs]) await socket.close();
});

test("publish: never waits; without subscribers a message is dropped", async () => {
  await using pub = new Publisher({ sendHighWaterMark: 1, sendTimeout: 0 });
  for (let i = 0; i < 10; i++) assertEquals(pub.trySend("nobody"), true);
  await pub.send("nobody");
  await pub.bind(ANY);
  await pub.send("still nobody");
  assertEquals(await pub.close({ linger: -1 }), 0);
});

test("publish: a subscriber that does not read misses messages, whole ones, and the others get all", async () => {
  await using pub = new Publisher({ sendHighWaterMark: 10 });
  const endpoint = await pub.bind(ANY);
  await using slow = await RawPeer.join(endpoint, { type: "SUB" });
  slow.write(command("SUBSCRIBE", ""));
  await using quick = new Subscriber();
  quick.connect(endpoint);
  quick.subscribe("");
  await pub.waitForSubscribers(2);
  slow.pause();
  const count = 300;
  const body = "b".repeat(64 * 1024);
  for (let i = 0; i < count; i++) {
    await pub.send([`${i}`, body]);
    assertEquals(await take(quick, 1), [`${i}|${body}`]);
  }
  slow.resume();
  const numbers: number[] = [];
  while (numbers.length < 20) {
    const [number, ...rest] = await slow.message();
    assertEquals(rest, [body]);
    numbers.push(Number(number));
  }
  // It then gets what is new again: at least one of these, as there is room.
  const again = (async () => {
    for (;;) {
      const [number] = await slow.message();
      numbers.push(Number(number));
      if (numbers.at(-1)! >= count) return;
    }
  })();
  let done = false;
  again.then(() => done = true);
  for (let i = count; !done; i++) {
    await pub.send([`${i}`, "new"]);
    await take(quick, 1);
  }
  await again;
  assertEquals(numbers, [...numbers].sort((a, b) => a - b));
  assertEquals(new Set(numbers).size, numbers.length);
  assert(numbers.length < count, "nothing was dropped");
}, { timeout: 20_000 });

test("waitForSubscribers: counts peers by topic, also those that disconnect", async () => {
  for (const pub of [new Publisher(), new XPublisher()]) {
    const endpoint = await pub.bind(ANY);
    const subs = [new Subscriber(), new Subscriber()];
    assertEquals(pub.subscriberCount, 0);
    await pub.waitForSubscribers(0);
    const two = pub.waitForSubscribers(2, { topic: "b" });
    for (const sub of subs) {
      sub.connect(endpoint);
      sub.subscribe("a", "b");
    }
    await two;
    assertEquals(pub.subscriberCount, 2);
    const left = nextEvent(pub, "disconnect");
    await subs[0]!.close();
    await left;
    await pub.waitForSubscribers(1, { topic: "b" });
    assertEquals(pub.subscriberCount, 1);
    await subs[1]!.close();
    await pub.close();
  }
});
